import assert from "assert";
import fc from "fast-check";
import {
  formDecodedFully,
  percentDecodedFully,
} from "../../../lib/rules/request/percent_decoding.ts";

const DECODED: readonly [text: string, decoded: string][] = [
  ["/%2e%2e%2fx", "/../x"],
  ["/%252e", "/."],
  ["/%25252e", "/."],
  ["/%2525252e", "/%2e"],
  ["%zz%f%", "%zz%f%"],
  ["%%32%65", "."],
  ["%c3%a9t%C3%A9", "été"],
  ["%e2%82%ac%F0%9F%98%80", "€😀"],
  ["%c0%ae%c0%af%c1%9c", "./\\"],
  ["%e9", "\ufffd"],
  ["%ff%41", "\ufffdA"],
  ["%u0027%U003c", "'<"],
  ["a+b", "a+b"],
  ["a%00b", "a\0b"],
  ["plain", "plain"],
];

for (const [text, decoded] of DECODED) {
  Deno.test(`${text} is decoded to ${JSON.stringify(decoded)}`, () => {
    assert.equal(percentDecodedFully(text), decoded);
  });
}

Deno.test("a plus is a blank in a form, and an encoded plus stays one", () => {
  assert.equal(formDecodedFully("a+b%2Bc%252Bd"), "a b+c+d");
});

Deno.test("no text is refused, and none grows", () => {
  const pieces = fc.constantFrom("%", "%2", "%25", "%c0", "%ae", "%u00", "e", "2", "+", "é", "%ff");
  fc.assert(fc.property(fc.array(pieces, { maxLength: 200 }), (parts) => {
    const text = parts.join("");
    assert.ok(percentDecodedFully(text).length <= text.length);
  }));
});

import assert from "assert";
import fc from "fast-check";
import { largestBase64Bytes } from "../../lib/tagging/base64_run.ts";

const LINE = "QUJD".repeat(19);

const CASES: readonly [name: string, text: string, bytes: number][] = [
  ["nothing", "", 0],
  ["prose", "please find the invoice attached and pay soon\n".repeat(500), 0],
  ["one word a line, which is no block", "confidential\n".repeat(5000), 0],
  ["one long line", "QUJD".repeat(2000), 6000],
  ["padding, which is no data", `${"QUJD".repeat(100)}QQ==`, 301],
  ["folded lines with a short last one", `x\n${`${LINE}\r\n`.repeat(10)}QUJD\r\n`, 573],
  ["two blocks, of which the larger counts", `${LINE}\n\n${LINE}\n${LINE}\n`, 114],
  ["a block inside a sentence", `data: ${LINE}, end`, 57],
  ["the alphabet of URLs", "ab-_".repeat(25), 75],
];

for (const [name, text, bytes] of CASES) {
  Deno.test(`base64 is measured in a text with ${name}`, () => {
    assert.equal(largestBase64Bytes(text), bytes);
  });
}

Deno.test("what was encoded is measured to the byte, however it is folded", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 60, maxLength: 3000 }),
    fc.constantFrom(64, 72, 76),
    fc.constantFrom("\n", "\r\n"),
    (bytes, width, lineBreak) => {
      const encoded = btoa(String.fromCharCode(...bytes));
      const folded = encoded.replaceAll(new RegExp(`.{${width}}`, "g"), `$&${lineBreak}`);
      assert.equal(largestBase64Bytes(`Hello,${lineBreak}${folded}${lineBreak}`), bytes.length);
    },
  ));
});

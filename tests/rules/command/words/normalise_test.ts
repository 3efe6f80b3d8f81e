import assert from "assert";
import fc from "fast-check";
import { normaliseCommand } from "../../../../lib/rules/command/words/normalise.ts";

for (
  const [text, plain] of [
    ["w'g'et http://a", "wget http://a"],
    ['w"ge"t http://a', "wget http://a"],
    ["w\\get http://a", "wget http://a"],
    ["c\\url${IFS}-O${IFS}http://a", "curl -O http://a"],
    ["cat$IFS/etc/passwd", "cat /etc/passwd"],
    ["cat${IFS%??}/etc", "cat /etc"],
    ["$IFSX", "$IFSX"],
    ["$'\\x77get' http://a", "wget http://a"],
    ["$'\\167\\u0067\\U00000065t' a", "wget a"],
    ["$'a b'", "$'a b'"],
    ["$'\\x3b'", "$'\\x3b'"],
    ["wg\\\net a", "wget a"],
    ["wg\\\r\net a", "wget a"],
    ["''wget a", "wget a"],
    ['echo "wget http://a"', 'echo "wget http://a"'],
    ["echo 'a; wget http://a'", "echo 'a; wget http://a'"],
    ['echo "a b"c"d e"', 'echo "a b"c"d e"'],
    ["echo \\; wget", "echo \\; wget"],
    ["echo '$IFS x'", "echo '$IFS x'"],
    ["it's", "it's"],
    ['"', '"'],
    ["$'", "$'"],
    ["\\", "\\"],
  ] as const
) {
  Deno.test(`${JSON.stringify(text)} reads ${JSON.stringify(plain)}`, () => {
    assert.equal(normaliseCommand(text), plain);
  });
}

Deno.test("a text without quoting comes back as it is", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const plain = text.replace(/['"\\$]/g, "");
    assert.equal(normaliseCommand(plain), plain);
  }));
});

Deno.test("no text makes it throw, and it never makes a text longer", () => {
  const pieces = fc.constantFrom(
    "'",
    '"',
    "\\",
    "$'",
    "${IFS",
    "}",
    "\\x41",
    "\\u",
    "a",
    " ",
    "\n",
    ";",
  );
  fc.assert(fc.property(fc.array(pieces), (parts) => {
    const text = parts.join("");
    assert.ok(normaliseCommand(text).length <= text.length);
  }));
});

Deno.test("openings by the ten thousand that nothing closes are read once", () => {
  // Where each opening looked for its end again, 64 KiB would take minutes, not milliseconds.
  for (const piece of ['"', "'", "\\", "$'", '"\\', "$'\\'", "'\"", '"\\"', "${IFS", "$'\\x"]) {
    const text = piece.repeat(65_536 / piece.length);
    assert.ok(normaliseCommand(text).length <= text.length);
  }
});

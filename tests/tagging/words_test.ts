import assert from "assert";
import fc from "fast-check";
import { findWord } from "../../lib/tagging/words.ts";

const CASES: readonly [text: string, words: readonly string[], found: string | undefined][] = [
  ["URGENT: pay", ["urgent"], "urgent"],
  ["rewired", ["wire"], undefined],
  ["wire_transfer", ["wire"], undefined],
  ["wireless or wire", ["wire"], "wire"],
  ["wire\r\n\t transfer", ["wire transfer"], "wire transfer"],
  ["\u00fcberweisung", ["berweisung"], undefined],
  ["a b", ["b", "a"], "b"],
  ["anything", [""], undefined],
  ["", ["a"], undefined],
];

for (const [text, words, found] of CASES) {
  Deno.test(`of ${JSON.stringify(words)}, ${found} stands in ${JSON.stringify(text)}`, () => {
    assert.equal(findWord(text, words), found);
  });
}

Deno.test("a word is found wherever it stands alone, and never otherwise shown", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (before, after) => {
    assert.equal(findWord(`${before} Gift\nCards ${after}`, ["gift cards"]), "gift cards");
  }));
});

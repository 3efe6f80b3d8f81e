import assert from "assert";
import fc from "fast-check";
import { LiteralAutomaton } from "../../../lib/rules/compile/literal_automaton.ts";

/** Literals that a look at a text finds. */
function found(automaton: LiteralAutomaton, searched: string): readonly number[] {
  automaton.begin();
  automaton.scan(searched);
  return Array.from({ length: automaton.count }, (_, index) => automaton.seen(index));
}

/** A small alphabet, so that literals overlap, contain and end each other. */
const letters = fc.constantFrom("a", "b", "k", "s", "-", "_", "1");

const literals = fc.uniqueArray(
  fc.record({
    text: fc.array(letters, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("")),
    isWord: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12, selector: ({ text, isWord }) => `${isWord} ${text}` },
).map((all) => all.map((literal, number) => ({ ...literal, number })));

const text = fc.array(
  fc.oneof(letters, fc.constantFrom("A", "K", "\u017f", "\u212a", "é", " ", "€", "\u{1f600}")),
  { maxLength: 40 },
).map((parts) => parts.join(""));

const FOLDS: Readonly<Record<string, string>> = { "\u017f": "s", "\u212a": "k", A: "a", K: "k" };

Deno.test("a literal is found when it stands anywhere in the text, and only then", () => {
  fc.assert(
    fc.property(literals, text, (all, searched) => {
      const automaton = new LiteralAutomaton(all);
      const folded = searched.replace(/[AK\u017f\u212a]/g, (one) => FOLDS[one] ?? one);
      const expected = all.filter((literal) =>
        Array.from({ length: searched.length }, (_, at) => at)
          .filter((at) => folded.startsWith(literal.text, at))
          .some((at) => {
            const beside = searched.charAt(at - 1) + searched.charAt(at + literal.text.length);
            return !literal.isWord || !/\w/.test(beside);
          })
      ).map(({ number }) => number);
      assert.deepEqual(found(automaton, searched).toSorted(), expected.toSorted());
      for (const { number } of all) {
        assert.equal(automaton.saw(number), expected.includes(number));
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("a character counts in both its cases, until the next look begins", () => {
  const automaton = new LiteralAutomaton([{ text: "ab", isWord: false, number: 0 }], [">", "z"]);
  const seen = () =>
    [">", "z", "a"].filter((one) => automaton.sawCharacter(automaton.classOf(one)));
  automaton.begin();
  automaton.scan("A > x");
  assert.deepEqual(seen(), [">", "a"]);
  automaton.scan("Z");
  assert.deepEqual(seen(), [">", "z", "a"]);
  automaton.begin();
  assert.deepEqual(seen(), []);
});

Deno.test("literals that begin each other a thousand times over are told apart", () => {
  const many = Array.from({ length: 20_000 }, (_, number) => ({
    text: `literal-${number}`,
    isWord: number % 2 === 0,
    number,
  }));
  const automaton = new LiteralAutomaton(many);
  assert.deepEqual(
    found(automaton, "literal-1x xliteral-12345y literal-10 literal-100000"),
    [1, 123, 12345, 10],
  );
});

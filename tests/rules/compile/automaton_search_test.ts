import assert from "assert";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { AutomatonSearch } from "../../../lib/rules/compile/automaton_search.ts";

/** Patterns with all that an automaton has to keep in mind: ends, lines, words, case, classes, counts. */
const PATTERNS = [
  "",
  "ab",
  "^ab",
  "ab$",
  "^$",
  "(?m)^a|b$",
  "(?i)kas",
  "\\bab\\b",
  "a\\B",
  "\\Bb",
  "[^a]b",
  "(?:^|\\s)a*b{2,3}(?:\\s|$)",
  ".$",
  "(?s).b",
  "\\z",
  "é|€",
  "^(?:a|ab)(?:c|bcd)*$",
  "(?:a+b+)+ ",
].map((pattern) => RE2JS.compile(pattern));

const text = fc.array(
  fc.constantFrom(
    "a",
    "b",
    "k",
    "s",
    " ",
    "\n",
    "A",
    "é",
    "€",
    "\u017f",
    "\u212a",
    "\u{1f600}",
    "\ud83d",
  ),
  { maxLength: 24 },
).map((parts) => parts.join(""));

Deno.test("a short search says what the engine says, whatever it has searched before", () => {
  const searches = PATTERNS.map((pattern) => [pattern, new AutomatonSearch(pattern)] as const);
  fc.assert(
    fc.property(text, (searched) => {
      for (const [pattern, search] of searches) {
        assert.equal(
          search.test(searched),
          RE2JS.compile(pattern.pattern()).test(searched),
          `${pattern.pattern()} in ${JSON.stringify(searched)}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a text that is not short is searched to its end", () => {
  const search = new AutomatonSearch(RE2JS.compile("a$"));
  assert.equal(search.test("b".repeat(5_000) + "a"), true);
  assert.equal(search.test("a".repeat(5_000) + "b"), false);
});

Deno.test("a search goes on when the engine has no room for further states", () => {
  // Each of the last sixteen characters is part of a state: 65,536 of them do not fit.
  const search = new AutomatonSearch(RE2JS.compile("a.{15}$"));
  const random = fc.sample(
    fc.string({ unit: fc.constantFrom("a", "b"), minLength: 900, maxLength: 1000 }),
    {
      numRuns: 500,
      seed: 7,
    },
  );
  for (const one of random) assert.equal(search.test(one), one.at(-16) === "a");
});

import assert from "assert";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { patternsOf } from "../../../lib/rules/format/check_match.ts";
import { ShellCommandMatcher } from "../../../lib/rules/command/matcher.ts";
import type { CommandMatcher } from "../../../lib/rules/compile/conditions.ts";
import { examplePayload } from "../../../lib/rules/run/examples.ts";
import { loadPack } from "../../../lib/rules/pack.ts";
import { derivedRequirement } from "../../../lib/rules/compile/pattern_requirement.ts";
import { Prefilter } from "../../../lib/rules/compile/prefilter.ts";
import { makeRule, type Rule } from "../../../lib/rules/rule.ts";
import { wordLiteral } from "../../../lib/rules/compile/requirement.ts";
import { RuleSet } from "../../../lib/rules/run/rule_set.ts";

/** Pieces that overlap, contain each other, and fold in unusual ways. */
const WORDS = [
  "wget",
  "get",
  "tar",
  "arp",
  "su",
  "sudo",
  "s",
  "k",
  "sk",
  "/etc",
  "é",
  "Σς",
  "İ",
  "a.b",
];

const word = fc.constantFrom(...WORDS);

/** Patterns of all constructs that say something about literals, and of some that do not. */
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    word.map((text) => RE2JS.quote(text)),
    fc.constantFrom(
      "\\s*",
      ".*",
      "[a-s]",
      "[^k]",
      "\\b",
      "x?",
      "(?:)",
      "\\Qs.k\\E",
      "[sS]u",
      "\\x73",
    ),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => a + b),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("node"), fc.constantFrom("?", "*", "+", "{2}")).map(([a, q]) => `(?:${a})${q}`),
    tie("node").map((a) => `(?i:${a})`),
    tie("node").map((a) => `(?-i:${a})`),
  ),
})).node;

const flagged = fc.tuple(fc.constantFrom("", "(?i)", "(?is)", "^"), pattern)
  .map(([flags, body]) => flags + body);

/** Texts out of the same pieces, with their case changed in every way. */
const text = fc.array(
  fc.oneof(
    word,
    word.map((part) => part.toUpperCase()),
    word.map((part) => part.replaceAll("s", "\u017f").replaceAll("k", "\u212a")),
    fc.string({ maxLength: 3 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

function ruleFor(match: Rule["document"]["match"], id: string): Rule {
  return makeRule({
    rule_id: id,
    rule_version: 1,
    name: "any",
    applies_to: ["command"],
    match,
    emits: [{ tactic: "TA0007", technique_id: "T1083", confidence: 1 }],
    evidence_fields: [],
  }, "any.yaml");
}

function idsOf(
  set: RuleSet,
  kind: "command" | "payload",
  payload: Readonly<Record<string, unknown>>,
) {
  return set.match(kind, payload).map(({ rule }) => rule.document.rule_id);
}

Deno.test("no pattern that RE2 finds is suppressed, alone or among others", () => {
  fc.assert(
    fc.property(fc.array(flagged, { minLength: 1, maxLength: 6 }), text, (patterns, command) => {
      const rules = patterns.map((one, index) => ruleFor({ pattern: one }, `R${index}`))
        .map((rule) => ({
          ...rule,
          document: { ...rule.document, applies_to: ["payload" as const] },
        }));
      const found = idsOf(RuleSet.compile(rules), "payload", { payload_text: command });
      const expected = patterns.flatMap((one, index) =>
        RE2JS.compile(one).matcher(command).find() ? [`R${index}`] : []
      );
      assert.deepEqual(found, expected);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("no literal condition is suppressed", () => {
  const operator = fc.constantFrom("equals", "contains", "starts_with", "ends_with");
  fc.assert(
    fc.property(operator, text, text, text, fc.boolean(), (name, wanted, before, after, fold) => {
      const value = wanted === "" ? "x" : wanted;
      const set = RuleSet.compile([ruleFor({ [name]: value, ignore_case: fold }, "R1")]);
      const payload = fold ? value.toUpperCase() : value;
      const full = name === "equals"
        ? payload
        : name === "starts_with"
        ? payload + after
        : name === "ends_with"
        ? before + payload
        : before + payload + after;
      // Upper case of some characters does not lower to what they were.
      if (fold && !full.toLowerCase().includes(value.toLowerCase())) return;
      if (fold && name !== "contains" && payload.toLowerCase() !== value.toLowerCase()) return;
      assert.deepEqual(idsOf(set, "command", { command_text: full }), ["R1"]);
    }),
  );
});

Deno.test("the pack finds the same with and without its prefilter", () => {
  const { rules } = loadPack();
  const shell = new ShellCommandMatcher();
  const unfiltered: CommandMatcher<unknown> = {
    compile: (condition, patterns) => ({ ...shell.compile(condition, patterns), requires: [] }),
    read: (command) => shell.read(command),
    resolved: () => undefined,
    decode: (command) => shell.decode(command),
  };
  const filtered = RuleSet.compile(rules);
  const plain = RuleSet.compile(
    rules.map((rule) => ({
      ...rule,
      literals: Object.fromEntries([...patternsOf(rule.document)].map(([, one]) => [one, []])),
    })),
    { commands: unfiltered as typeof shell },
  );
  const examples = rules.flatMap(({ document: { tests, applies_to: kinds } }) =>
    [...tests?.match ?? [], ...tests?.no_match ?? []].flatMap((example) =>
      kinds.map((kind) => ({ kind, payload: examplePayload(example, kinds) ?? {} }))
    )
  );
  assert.ok(examples.length > 100);
  const ids = (set: RuleSet, at: typeof examples[number]) =>
    set.match(at.kind, at.payload).map(({ rule }) => rule.document.rule_id);
  for (const example of examples) {
    assert.deepEqual(ids(filtered, example), ids(plain, example), JSON.stringify(example));
  }
  const commands = examples.map(({ payload }) => payload.command_text)
    .filter((command) => typeof command === "string");
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom(...commands),
      fc.constantFrom("'", '"', "\\", "$x", ";", "|", "&&", "\n"),
    ),
    { minLength: 1, maxLength: 4 },
  ).map((parts) => parts.join(" "));
  const changed = fc.tuple(pieces, fc.nat(), fc.constantFrom("''", "\\", '""', "${IFS}", "$(", "`"))
    .map(([command, at, piece]) => {
      const cut = at % (command.length + 1);
      return command.slice(0, cut) + piece + command.slice(cut);
    });
  fc.assert(
    fc.property(fc.oneof(pieces, changed), (command) => {
      const example = { kind: "command" as const, payload: { command_text: command } };
      assert.deepEqual(ids(filtered, example), ids(plain, example));
    }),
    { numRuns: 1500 },
  );
});

/** More alternatives than the engine looks into. */
const LONG = Array.from(
  { length: 40 },
  (_, number) => `${String.fromCharCode(98 + number % 20)}q${number + 10}`,
).sort();

Deno.test("literals are derived through flags, alternations and classes", () => {
  for (
    const [one, requires] of [
      ["(?i)WGet\\s+http", [["http"], ["wget"]]],
      ["\\b(?:curl|wget)\\b", [["curl", "wget"]]],
      ["a(?i:BC)d", [["abcd"]]],
      ["x*", []],
      ["é", []],
      ["(?:fo|foo|bar)", [["bar", "fo"]]],
      [`^x*(?:${LONG.join("|")})\\d?`, [LONG]],
      [`x*(?i:${LONG.join("|")}|ABC)+`, [["abc", ...LONG]]],
      [`(?:${LONG.join("|")})?`, []],
      [`${LONG.join("|")}|\\d`, []],
    ] as const
  ) assert.deepEqual(derivedRequirement(one), requires, one);
});

Deno.test("literals that overlap, or begin one another, are all seen in one pass", () => {
  const literals = ["sudo", "su", "udo r", "do", "rm -rf", "m -r"];
  const prefilter = new Prefilter(
    literals.map((literal, entry) => ({ entry, requires: [[literal]] })),
  );
  const seen = new Set<number>();
  prefilter.scan("SUDO rm -rf /", (entry) => seen.add(entry));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3, 4, 5]);
  seen.clear();
  prefilter.scan("ls", (entry) => seen.add(entry));
  assert.equal(seen.size, 0);
});

Deno.test("an entry with several groups is found only when each of them was seen", () => {
  const prefilter = new Prefilter([{
    entry: 7,
    requires: [["base64", "xxd"], ["| sh", "| bash"]],
  }]);
  const candidates = (line: string) => {
    const seen: number[] = [];
    prefilter.scan(line, (entry) => seen.push(entry));
    return seen;
  };
  assert.deepEqual(candidates("base64 -d x"), []);
  assert.deepEqual(candidates("cat x | sh"), []);
  assert.deepEqual(candidates("xxd -r x | bash"), [7]);
});

Deno.test("groups with single characters discard texts too, alone and beside others", () => {
  const prefilter = new Prefilter([
    { entry: 1, requires: [[">", wordLiteral("tee")]] },
    { entry: 2, requires: [[wordLiteral("cat")], ["<"]] },
  ]);
  const candidates = (line: string) => {
    const seen: number[] = [];
    prefilter.scan(line, (entry) => seen.push(entry));
    return seen.sort();
  };
  assert.deepEqual(candidates("ls"), []);
  assert.deepEqual(candidates("ls > x"), [1]);
  assert.deepEqual(candidates("ls | tee x"), [1]);
  assert.deepEqual(candidates("cat x"), []);
  assert.deepEqual(candidates("concatenate < x"), []);
  assert.deepEqual(candidates("cat < x"), [2]);
});

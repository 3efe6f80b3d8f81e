import assert from "assert";
import fc from "fast-check";
import { parseRuleFiles } from "../../../lib/rules/format/load.ts";
import type { Problem } from "../../../lib/rules/format/problem.ts";
import { rulesOf, ruleText } from "../rule_text.ts";

function problemsOf(text: string, name = "R0900.yaml"): readonly Problem[] {
  return parseRuleFiles([{ name, text }]).problems;
}

function brief(problem: Problem): string {
  return `${problem.line}:${problem.column} ${problem.code} ${problem.message}`;
}

Deno.test("a right file gives a rule and no problem", () => {
  const { rules, problems } = parseRuleFiles([{ name: "R0900.yaml", text: ruleText() }]);
  assert.deepEqual(problems, []);
  assert.equal(rules.length, 1);
  assert.deepEqual(rules[0]?.document, {
    rule_id: "R0900",
    rule_version: 1,
    name: "sample_rule",
    description: "Finds samples.",
    applies_to: ["command"],
    match: { pattern: "\\bfind\\s" },
    emits: [{ tactic: "TA0007", technique_id: "T1083", confidence: 0.85 }],
    evidence_fields: [],
  });
});

Deno.test("source kinds may be objects, keys without value are absent, detectors keep parameters", () => {
  const [rule] = rulesOf(ruleText({
    applies_to: "[{ source_kind: intel }, session]",
    match: "{ kind: 'lifter:intel_feodo', provider: feodo, depth: { a: 1 } }",
    emits: "[{ tactic: TA0011, technique_id: T1071, sub_technique_id: , confidence: 1 }]",
  }));
  assert.deepEqual(rule?.document.applies_to, ["intel", "session"]);
  assert.deepEqual(rule?.document.match, {
    kind: "lifter:intel_feodo",
    provider: "feodo",
    depth: { a: 1 },
  });
  assert.ok(!("sub_technique_id" in (rule?.document.emits[0] ?? {})));
});

for (
  const [name, lines, expected] of [
    ["a rule id with blanks", { rule_id: "'R 1'" }, "1:10 invalid_value rule_id must be R and"],
    ["a version of zero", { rule_version: "0" }, "2:15 invalid_value rule_version must be a whole"],
    [
      "a version as text",
      { rule_version: "'1'" },
      '2:15 invalid_value rule_version must be a whole number from 1, not "1"',
    ],
    [
      "an unknown kind",
      { applies_to: "[command, comand]" },
      "5:23 invalid_value applies_to[1] must be one of command",
    ],
    [
      "no kind but emissions",
      { applies_to: "[]" },
      "5:13 invalid_value applies_to must have at least one",
    ],
    ["a confidence above 1", {
      emits: "[{ tactic: TA0007, technique_id: T1083, confidence: 1.5 }]",
    }, "7:60 invalid_value emits[0].confidence must be a number from 0 to 1, not 1.5"],
    [
      "a misspelt emission",
      { emits: "[{ tactic: TA0007, technique: T1083, confidence: 1 }]" },
      "7:9 missing_field emits[0].technique_id is missing",
    ],
    ["a number as technique", {
      emits: "[{ tactic: TA0007, technique_id: 1548, confidence: 1 }]",
    }, "7:41 invalid_value emits[0].technique_id must be a technique id like T1059"],
    ["no match", { match: "{}" }, "6:8 invalid_value match must say what to match"],
    [
      "only exclusions",
      { match: "{ none: [{ pattern: a }] }" },
      "6:8 invalid_value match must have something that has to be there",
    ],
    [
      "two operators",
      { match: "{ pattern: a, equals: b }" },
      "6:8 invalid_value match must have exactly one",
    ],
    [
      "two operators in a group",
      { match: "{ any: [{ pattern: a, contains: b }] }" },
      "6:16 invalid_value match.any[0] must have exactly one",
    ],
    [
      "a misspelt group",
      { match: "{ pattern: a, non: [{ pattern: b }] }" },
      "6:22 unknown_field match.non is not a field",
    ],
    [
      "an empty group",
      { match: "{ any: [] }" },
      "6:15 invalid_value match.any must have at least one",
    ],
    [
      "ignore_case beside a pattern",
      { match: "{ pattern: a, ignore_case: true }" },
      "6:8 invalid_value match must not have ignore_case",
    ],
    [
      "a field beside a command",
      { match: "{ field: a, command: { program: [wget] } }" },
      "6:8 invalid_value match must not have a field",
    ],
    [
      "a path as program",
      { match: "{ command: { program: [/bin/sh] } }" },
      "6:31 invalid_value match.command.program[0] must be the base name",
    ],
    [
      "an empty command",
      { match: "{ command: {} }" },
      "6:19 invalid_value match.command must have at least one",
    ],
    [
      "an impossible date",
      { next_review: "2026-13-40" },
      "8:14 invalid_value next_review must be a date",
    ],
    [
      "a detector without name",
      { match: "{ kind: 'lifter:' }" },
      "6:16 invalid_value match.kind must be lifter:",
    ],
    ["an alias", { description: "&a x", name: "*a" }, "3:7 yaml"],
    ["an anchor", { description: "&a x" }, "4:17 yaml_anchor an anchor (&a)"],
    ["a tag", { description: "!!str x" }, "4:20 yaml_tag a tag"],
    ["a broken quote", { description: '"x' }, "yaml_"],
  ] as const
) {
  Deno.test(`${name} is a problem with its place`, () => {
    const problems = problemsOf(ruleText(lines));
    assert.ok(problems.length > 0);
    const shown = problems.map(brief).join("\n");
    assert.ok(shown.includes(expected), shown);
  });
}

Deno.test("a duplicate key, a second document, and an empty file are problems", () => {
  assert.match(
    problemsOf(ruleText() + "rule_id: R0901\n").map(brief).join(),
    /^8:1 yaml_duplicate_key/,
  );
  assert.match(
    problemsOf(ruleText() + "---\nrule_id: R0901\n").map(brief).join(),
    /several_documents/,
  );
  assert.match(problemsOf("").map(brief).join(), /empty_file/);
  assert.match(problemsOf("# nothing\n").map(brief).join(), /empty_file|invalid_value/);
});

Deno.test("every problem of every file is reported in one run", () => {
  const { problems, rules } = parseRuleFiles([
    {
      name: "a.yaml",
      text: ruleText({ rule_version: "0", match: "{ pattern: '' }", name: "A B" }),
    },
    { name: "b.yaml", text: ruleText({ emits: "3" }) },
    { name: "c.yaml", text: ruleText() },
  ]);
  assert.deepEqual(problems.map(({ file, line }) => `${file}:${line}`), [
    "a.yaml:2",
    "a.yaml:3",
    "a.yaml:6",
    "b.yaml:7",
  ]);
  assert.equal(rules.length, 1);
  assert.deepEqual(problems[0]?.path, ["R0900", "rule_version"]);
  assert.equal(problems[0]?.excerpt, "rule_version: 0");
});

Deno.test("an unknown field of the document is a warning, and the rule still loads", () => {
  const { problems, rules } = parseRuleFiles([{
    name: "a.yaml",
    text: ruleText({ severity: "3" }),
  }]);
  assert.deepEqual(problems.map(({ severity, code, line }) => [severity, code, line]), [
    ["warning", "unknown_field", 8],
  ]);
  assert.equal(rules.length, 1);
});

Deno.test("empty emits and applies_to take a rule away", () => {
  const { removals, problems, rules } = parseRuleFiles([
    { name: "a.yaml", text: "rule_id: R0012\napplies_to: []\nemits: []\n" },
  ]);
  assert.deepEqual(removals, [{ ruleId: "R0012", file: "a.yaml" }]);
  assert.deepEqual([problems, rules], [[], []]);
});

Deno.test("files in a folder intel are tables of signals", () => {
  const { intel, problems } = parseRuleFiles([{
    name: "rules/intel/abuseipdb.yaml",
    text: "provider: abuseipdb\nmapping_version: 1\nsignals:\n" +
      "  - { id: 18, label: Brute force, url: 'https://example.com/', techniques: [{ technique_id: T1110 }] }\n" +
      "  - { id: 1, label: None, techniques: [] }\n",
  }]);
  assert.deepEqual(problems, []);
  assert.deepEqual(intel, [{
    provider: "abuseipdb",
    mapping_version: "1",
    signals: [
      {
        id: "18",
        label: "Brute force",
        url: "https://example.com/",
        techniques: [{ technique_id: "T1110" }],
      },
      { id: "1", label: "None", techniques: [] },
    ],
  }]);
});

Deno.test("nesting by the ten thousand, bombs and huge files are refused, not fatal", () => {
  const bomb = "a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n";
  for (
    const text of [
      "[".repeat(50_000),
      "- ".repeat(50_000),
      bomb,
      "x".repeat(300_000),
      "{a: ".repeat(20_000),
    ]
  ) {
    const problems = problemsOf(text);
    assert.ok(problems.some(({ severity }) => severity === "error"));
  }
});

Deno.test("one mistake that the parser echoes is told a few times, not by the hundred", () => {
  const problems = problemsOf("[".repeat(5_000));
  assert.ok(problems.length >= 1 && problems.length <= 10, `${problems.length} problems`);
});

Deno.test("arbitrary text never throws, and is a rule or a problem", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    const { problems, rules } = parseRuleFiles([{
      name: "a.yaml",
      text: ruleText({ match: text }),
    }]);
    assert.ok(problems.length > 0 || rules.length === 1);
    for (const { line, column } of problems) assert.ok(line >= 1 && column >= 1);
  }));
});

Deno.test("equal rules have equal hashes, whatever the order of their keys", () => {
  const [a] = rulesOf(ruleText());
  const [b] = rulesOf(ruleText().split("\n").filter(Boolean).reverse().join("\n"));
  const [c] = rulesOf(ruleText({ name: "other" }));
  assert.equal(a?.hash, b?.hash);
  assert.notEqual(a?.hash, c?.hash);
  assert.match(a?.hash ?? "", /^[0-9a-f]{64}$/);
});

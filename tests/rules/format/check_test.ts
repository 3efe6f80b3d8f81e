import assert from "assert";
import { loadEmbeddedAttack } from "../../../lib/attack/embedded.ts";
import { checkRules } from "../../../lib/rules/format/check.ts";
import { parseRuleFiles } from "../../../lib/rules/format/load.ts";
import { formatProblem } from "../../../lib/rules/format/problem.ts";
import { ruleText } from "../rule_text.ts";

const ATTACK = loadEmbeddedAttack();
const TODAY = new Date("2026-06-01T12:00:00Z");

function check(
  files: Readonly<Record<string, string>>,
  allowBacktracking = false,
): readonly string[] {
  const parsed = parseRuleFiles(Object.entries(files).map(([name, text]) => ({ name, text })));
  assert.deepEqual(parsed.problems, []);
  return checkRules(parsed, ATTACK, {
    lifters: ({ match }) =>
      "kind" in match && match.kind === "lifter:absent" ? ["there is no absent"] : [],
    now: TODAY,
    allowBacktracking,
  }).map((problem) => `${problem.severity} ${problem.code} ${formatProblem(problem)}`);
}

const emits = (tactic: string, technique: string, sub = "") => ({
  emits:
    `[{ tactic: ${tactic}, technique_id: ${technique}, sub_technique_id: ${sub}, confidence: 0.9 }]`,
});

for (
  const [name, lines, expected] of [
    ["a sound rule", {}, undefined],
    ["a sound ICS rule", emits("TA0102", "T0846"), undefined],
    [
      "an unknown tactic",
      emits("TA0099", "T1083"),
      'error unknown_tactic a.yaml:7:19 emits[0].tactic "TA0099" is not in ATT&CK enterprise-19.1',
    ],
    ["a revoked technique", emits("TA0005", "T1562", "T1562.004"), "T1686"],
    [
      "a wrong parent",
      emits("TA0007", "T1083", "T1059.004"),
      "error wrong_parent a.yaml:7:66 emits[0].sub_technique_id",
    ],
    [
      "a foreign tactic",
      emits("TA0040", "T1083"),
      "error foreign_tactic a.yaml:7:19 emits[0].tactic",
    ],
    [
      "a misspelt field",
      { match: "{ field: comand_text, pattern: a }" },
      "warning unknown_payload_field a.yaml:6:17 no event of the kind command is known to have a field " +
      "comand_text; did you mean command_text?",
    ],
    [
      "a misspelt field of a request",
      { applies_to: "[http_request]", match: "{ any: [{ field: quary, pattern: a }] }" },
      "warning unknown_payload_field a.yaml:6:25",
    ],
    [
      "a field of another kind",
      { match: "{ all: [{ pattern: a }, { field: raw_url, contains: b }] }" },
      "warning unknown_payload_field",
    ],
    ["a field that children have of their session", {
      match: "{ all: [{ pattern: a }, { field: attacker_ip, equals: 192.0.2.1 }] }",
    }, undefined],
    ["a header of a request", {
      applies_to: "[http_request]",
      match: "{ field: headers.x-any, contains: b }",
    }, undefined],
    ["a field that one of several kinds has", {
      applies_to: "[command, http_request]",
      match: "{ field: body, contains: b }",
    }, undefined],
    [
      "a look-ahead",
      { match: "{ pattern: 'a(?=b)' }" },
      "error backtracking a.yaml:6:21 the pattern has a look-ahead (?=",
    ],
    [
      "a look-behind behind a quote",
      { match: "{ any: [{ pattern: '''a(?<!b)' }] }" },
      "a.yaml:6:31 the pattern has a look-behind",
    ],
    [
      "a back-reference",
      { match: "{ pattern: '(a)\\1' }" },
      "error backtracking a.yaml:6:23 the pattern has a back-reference \\1",
    ],
    ["no look-around inside a class", { match: "{ pattern: '[(?=]\\Q(?=\\E' }" }, undefined],
    ["an unclosed group", { match: "{ pattern: 'a(b' }" }, "error bad_pattern a.yaml:6:"],
    [
      "a bad pattern of a command",
      { match: "{ command: { args: '[z-a]' } }" },
      "error bad_pattern a.yaml:6:",
    ],
    ["a command for another kind", {
      match: "{ command: { program: [wget] } }",
      applies_to: "[payload]",
    }, "error no_command a.yaml:6:8"],
    [
      "no field for a kind without default",
      { applies_to: "[command, session]" },
      "error no_field a.yaml:6:8 there is no default field for session",
    ],
    [
      "a detector that is not there",
      { match: "{ kind: 'lifter:absent' }" },
      "error lifter a.yaml:6:16 there is no absent",
    ],
    [
      "a review that is due",
      { next_review: "2026-05-31" },
      "warning review_due a.yaml:8:14 the review of 2026-05-31 is due",
    ],
    ["a review of today", { next_review: "2026-06-01" }, undefined],
    [
      "a rule for another release",
      { attack_release: "enterprise-18.1" },
      "error other_release a.yaml:8:17",
    ],
    ["a rule for this release", { attack_release: "enterprise-19.1" }, undefined],
  ] as const
) {
  Deno.test(`${name} gives ${expected === undefined ? "no problem" : "a problem with its place"}`, () => {
    const problems = check({ "a.yaml": ruleText(lines) });
    if (expected === undefined) assert.deepEqual(problems, []);
    else assert.ok(problems.some((line) => line.includes(expected)), problems.join("\n"));
  });
}

Deno.test("with backtracking allowed a look-ahead is a warning, a broken pattern stays an error", () => {
  assert.match(
    check({ "a.yaml": ruleText({ match: "{ pattern: 'a(?=b)' }" }) }, true).join(),
    /^warning backtracking/,
  );
  assert.match(
    check({ "a.yaml": ruleText({ match: "{ pattern: 'a(?=b' }" }) }, true).join(),
    /^error bad_pattern/,
  );
});

Deno.test("two rules with one id are an error at the second, and so are a rule and its removal", () => {
  const files = { "a.yaml": ruleText(), "b.yaml": ruleText({ name: "other" }) };
  assert.deepEqual(check(files), [
    "error duplicate_id b.yaml:1:10 rule_id R0900 stands in a.yaml too; give one of the two another id",
  ]);
  const removal = { "a.yaml": ruleText(), "b.yaml": "rule_id: R0900\napplies_to: []\nemits: []\n" };
  assert.match(check(removal).join(), /duplicate_id b.yaml:1:10/);
});

Deno.test("one technique twice in a rule is a warning: its tags would be one", () => {
  const twice =
    "[{ tactic: TA0007, technique_id: T1083, confidence: 1 }, { tactic: TA0007, technique_id: T1083, confidence: 0.5 }]";
  assert.match(
    check({ "a.yaml": ruleText({ emits: twice }) }).join(),
    /^warning repeated_emission/,
  );
});

Deno.test("tables are proven against ATT&CK and against the rule of their provider", () => {
  const table = (...ids: string[]) =>
    `provider: feodo\nmapping_version: 1\nsignals:\n  - id: a\n    label: A\n    techniques:\n` +
    ids.map((id) => `      - technique_id: ${id}\n`).join("");
  const rule = ruleText({
    applies_to: "[intel]",
    match: "{ kind: 'lifter:intel_feodo' }",
    ...emits("TA0011", "T1071", "T1071.001"),
  });
  const problems = (...ids: string[]) =>
    check({ "a.yaml": rule, "intel/feodo.yaml": table(...ids) });
  assert.deepEqual(problems("T1071", "T1071.001"), []);
  assert.match(
    problems("T1071", "T9999").join(),
    /unknown_technique intel\/feodo.yaml:8:23 signals\[0\].techniques\[1\].technique_id "T9999"/,
  );
  assert.match(
    problems("T1588").join(),
    /not_emitted intel\/feodo.yaml:7:23 the table of feodo chooses T1588/,
  );
});

Deno.test("a mistake in one field does not hide those in the others", () => {
  const text = ruleText({
    rule_version: "none",
    match: "{ pattern: 'a(?=b)' }",
    ...emits("TA0099", "T1083"),
  });
  const parsed = parseRuleFiles([{ name: "a.yaml", text }]);
  const found = checkRules(parsed, ATTACK, { lifters: () => [] });
  assert.deepEqual(
    [...parsed.problems, ...found].map(({ path }) => path.join(".")),
    ["R0900.rule_version", "R0900.match.pattern", "R0900.emits[0].tactic"],
  );
  assert.deepEqual(parsed.rules, []);
});

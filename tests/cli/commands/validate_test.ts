import assert from "assert";
import { directoryWith, runCaptured } from "../captured_run.ts";
import { ruleText } from "../../rules/rule_text.ts";

const emits = (tactic: string, technique: string, sub = "") => ({
  emits:
    `[{ tactic: ${tactic}, technique_id: ${technique}, sub_technique_id: ${sub}, confidence: 0.9 }]`,
});

/** One file for each way to be wrong that issue 2 names. */
const BAD_RULES = {
  "R0901.yaml": ruleText({ rule_id: "R0901", ...emits("TA0099", "T1083") }),
  "R0902.yaml": ruleText({ rule_id: "R0902", ...emits("TA0005", "T1562", "T1562.004") }),
  "R0903.yaml": ruleText({ rule_id: "R0903", ...emits("TA0002", "T1083", "T1059.004") }),
  "R0904.yaml": ruleText({ rule_id: "R0904", ...emits("TA0040", "T1083") }),
  "R0905.yaml": ruleText({ rule_id: "R0905", match: "{ pattern: 'find(?! /tmp)' }" }),
  "R0906.yaml": ruleText({ rule_id: "R0906" }) + "match: [\n",
  "R0907.yaml": ruleText({ rule_id: "R0907" }),
  "R0908.yaml": ruleText({ rule_id: "R0907" }),
};

const EXPECTED = [
  /R0901\.yaml:7:19 emits\[0\]\.tactic "TA0099" is not in ATT&CK enterprise-19\.1/,
  /R0902\.yaml:7:66 emits\[0\]\.sub_technique_id "T1562\.004" .*revoked.*T1686/,
  /R0903\.yaml:7:66 emits\[0\]\.sub_technique_id "T1059\.004" is not a sub-technique of T1083/,
  /R0904\.yaml:7:19 emits\[0\]\.tactic "TA0040" .*is not one of T1083/,
  /R0905\.yaml:6:24 the pattern has a look-ahead \(\?!/,
  /R0906\.yaml:8:\d+ /,
  /R0908\.yaml:1:10 rule_id R0907 stands in .*R0907\.yaml too/,
];

Deno.test("validate lists every problem of a directory with its place, and says no", async () => {
  using rules = directoryWith(BAD_RULES);
  const { code, out } = await runCaptured(["validate", "--rules", rules.path]);
  for (const expected of EXPECTED) assert.match(out, expected);
  assert.equal(code, 1);
  assert.doesNotMatch(out, /R0907\.yaml:\d/);
});

Deno.test("validate --json gives the same problems with code, severity, place, chain and excerpt", async () => {
  using rules = directoryWith(BAD_RULES);
  const { code, out } = await runCaptured(["validate", "--json", "--rules", rules.path]);
  const { ok, problems } = JSON.parse(out);
  assert.deepEqual([code, ok], [1, false]);
  const codes = new Set(problems.map((problem: { code: string }) => problem.code));
  for (
    const wanted of [
      "unknown_tactic",
      "revoked_technique",
      "wrong_parent",
      "foreign_tactic",
      "backtracking",
      "duplicate_id",
    ]
  ) {
    assert.ok(codes.has(wanted), wanted);
  }
  const [first] = problems;
  assert.deepEqual([first.severity, first.line, first.path], ["error", 7, [
    "R0901",
    "emits[0].tactic",
  ]]);
  assert.match(first.excerpt, /^emits: /);
});

Deno.test("validate is content with what the program carries and with a sound directory", async () => {
  using rules = directoryWith({ "R0901.yaml": ruleText({ rule_id: "R0901" }) });
  for (const args of [["validate"], ["validate", "--rules", rules.path]]) {
    const { code, out } = await runCaptured(args);
    assert.match(out, /no problems; \d+ rules/);
    assert.equal(code, 0);
  }
});

Deno.test("validate accepts a look-ahead with a warning when the operator allows it", async () => {
  using rules = directoryWith({ "R0905.yaml": BAD_RULES["R0905.yaml"] });
  const { code, out } = await runCaptured([
    "validate",
    "--allow-backtracking",
    "--rules",
    rules.path,
  ]);
  assert.match(out, /warning: .*R0905\.yaml:6:19 the pattern needs backtracking/);
  assert.equal(code, 0);
});

Deno.test("a directory that is not there is a fault of the command line", async () => {
  const { code, err } = await runCaptured(["validate", "--rules", "/nonexistent/rules"]);
  assert.equal(code, 2);
  assert.match(err, /cannot read the rule directory \/nonexistent\/rules/);
});

Deno.test("a field that no event is known to have is a warning, and an error of validate --strict", async () => {
  using rules = directoryWith({
    "OWN.yaml": ruleText({ rule_id: "OWN", match: "{ field: comand_text, pattern: id }" }),
  });
  const lenient = await runCaptured(["validate", "--rules", rules.path]);
  assert.equal(lenient.code, 0);
  assert.match(lenient.out, /comand_text.*\n.*did you mean command_text|did you mean command_text/);
  assert.match(lenient.out, /1 warning/);
  const strict = await runCaptured(["validate", "--strict", "--rules", rules.path]);
  assert.equal(strict.code, 1);
  assert.match(strict.out, /1 error/);
});

Deno.test("the rules that the program carries ask for known fields only", async () => {
  const { code, out } = await runCaptured(["validate", "--strict"]);
  assert.equal(code, 0, out);
});

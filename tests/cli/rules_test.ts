import assert from "assert";
import { parse } from "yaml";
import { directoryWith, runCaptured } from "./captured_run.ts";
import { ruleText } from "../rules/rule_text.ts";

const EXAMPLES = "{ match: ['find / -x'], no_match: ['ls'] }";
const OWN = {
  "OWN_1.yaml": ruleText({ rule_id: "OWN_1", tests: EXAMPLES }),
  "OWN_2.yaml": ruleText({
    rule_id: "OWN_2",
    tests: EXAMPLES,
    emits: "[{ tactic: TA0040, technique_id: T1485, confidence: 1 }]",
  }),
};

Deno.test("rules list shows rules of the pack and of the directory, by id and technique", async () => {
  using rules = directoryWith(OWN);
  const all = await runCaptured(["rules", "list", "--rules", rules.path]);
  assert.match(all.out, /^ID +V +NAME/);
  assert.match(all.out, /^R0015 +\d+ +suid_search +command .*T1548\.001:0\.95 +enabled +pack$/m);
  assert.match(all.out, /^OWN_1 +1 +sample_rule +command +T1083:0\.85 +enabled +directory$/m);
  const globbed = await runCaptured([
    "rules",
    "list",
    "OWN_[2-9]",
    "--json",
    "--rules",
    rules.path,
  ]);
  assert.deepEqual(
    globbed.out.trim().split("\n").map((line) => JSON.parse(line).rule_id),
    ["OWN_2"],
  );
  const byTechnique = await runCaptured([
    "rules",
    "list",
    "OWN*",
    "--technique",
    "T1485",
    "--json",
    "--rules",
    rules.path,
  ]);
  assert.equal(JSON.parse(byTechnique.out).rule_id, "OWN_2");
});

Deno.test("rules show prints a rule file with the names of its techniques", async () => {
  const { code, out } = await runCaptured(["rules", "show", "R0015"]);
  assert.equal(code, 0);
  assert.match(
    out,
    /^# T1548\.001 Abuse Elevation Control Mechanism: Setuid and Setgid \(TA0004 Privilege Escalation\)$/m,
  );
  assert.equal(parse(out).rule_id, "R0015");
});

Deno.test("an id that names no rule is a fault of the command line", async () => {
  for (const command of ["list", "show", "test"]) {
    const { code, err } = await runCaptured(["rules", command, "R9999"]);
    assert.equal(code, 2);
    assert.match(err, /there is no rule R9999/);
  }
});

Deno.test("rules test runs the examples and says no when one fails or a rule has none", async () => {
  using rules = directoryWith({
    ...OWN,
    "OWN_3.yaml": ruleText({
      rule_id: "OWN_3",
      tests: "{ match: ['ls', 'find /'], no_match: ['find /'] }",
    }),
    "OWN_4.yaml": ruleText({ rule_id: "OWN_4" }),
  });
  const good = await runCaptured(["rules", "test", "OWN_1", "OWN_2", "--rules", rules.path]);
  assert.match(good.out, /^4 examples of 2 rules: all as they should be/);
  assert.equal(good.code, 0);
  const bad = await runCaptured(["rules", "test", "OWN*", "--rules", rules.path]);
  assert.match(bad.out, /failed OWN_3 tests\.match\[0\] does not match: ls/);
  assert.match(bad.out, /failed OWN_3 tests\.no_match\[0\] matches, and should not: find \//);
  assert.match(bad.out, /failed OWN_4 has no examples/);
  assert.equal(bad.code, 1);
  const json = await runCaptured(["rules", "test", "OWN*", "--json", "--rules", rules.path]);
  const { ok, failures, without } = JSON.parse(json.out);
  assert.deepEqual([ok, failures.length, without], [false, 2, ["OWN_4"]]);
});

Deno.test("every shipped rule does what its examples say", async () => {
  const { code, out } = await runCaptured(["rules", "test"]);
  assert.match(out, /all as they should be/);
  assert.equal(code, 0);
});

Deno.test("a directory with a bad rule stops every command that needs rules", async () => {
  using rules = directoryWith({ "OWN_1.yaml": ruleText({ rule_id: "OWN_1", emits: "[]" }) });
  const { code, err } = await runCaptured(["rules", "list", "--rules", rules.path]);
  assert.equal(code, 3);
  assert.match(err, /error: .*OWN_1\.yaml:7:8 emits must have at least one entry/);
});

Deno.test("an operator's rule replaces the one of the pack, and an empty one removes it", async () => {
  using rules = directoryWith({
    "R0015.yaml": ruleText({ rule_id: "R0015", name: "mine" }),
    "R0013.yaml": "rule_id: R0013\napplies_to: []\nemits: []\n",
  });
  const { out } = await runCaptured(["rules", "list", "R001*", "--rules", rules.path]);
  assert.match(out, /^R0015 +1 +mine .* replaced$/m);
  assert.doesNotMatch(out, /^R0013/m);
});

import assert from "assert";
import { parse } from "yaml";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { ruleText } from "../../../rules/rule_text.ts";

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
  assert.match(all.out, /^R0015 +\d+ +suid_search +command .*T1548\.001:0\.95 +enabled +0 +pack$/m);
  assert.match(all.out, /^OWN_1 +1 +sample_rule +command +T1083:0\.85 +enabled +0 +directory$/m);
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

Deno.test("rules new writes a file that validates, and never over another one", async () => {
  using dir = directoryWith({});
  const made = await runCaptured(["rules", "new", "MY_RULE", "--rules", dir.path]);
  assert.equal(made.out.trim(), `${dir.path}/MY_RULE.yaml`);
  assert.equal((await runCaptured(["validate", "--rules", dir.path])).code, 0);
  assert.equal((await runCaptured(["rules", "test", "MY_RULE", "--rules", dir.path])).code, 0);
  const again = await runCaptured(["rules", "new", "MY_RULE", "--rules", dir.path]);
  assert.equal(again.code, 2);
  assert.match(again.err, /is there already/);
  assert.equal((await runCaptured(["rules", "new", "../x"])).code, 2);
  assert.match((await runCaptured(["rules", "new", "OTHER"])).out, /^rule_id: OTHER$/m);
});

Deno.test("rules schema prints JSON Schema", async () => {
  const { out } = await runCaptured(["rules", "schema"]);
  assert.match(JSON.parse(out).$schema, /json-schema\.org/);
});

Deno.test("rules migrate says what would change, and changes it with --write", async () => {
  const old = ruleText({
    rule_id: "OLD",
    emits: "[{ tactic: TA0005, technique_id: T1562, sub_technique_id: T1562.004, confidence: 1 }]",
  });
  using dir = directoryWith({ "OLD.yaml": old, "NEW.yaml": ruleText({ rule_id: "NEW" }) });
  const asked = await runCaptured(["rules", "migrate", "--to", "19.1", "--rules", dir.path]);
  assert.match(asked.out, /OLD\.yaml:7 OLD: T1562\.004 is T1686 .*\n.*\n1 of 2 files would change/);
  assert.equal(Deno.readTextFileSync(`${dir.path}/OLD.yaml`), old);
  assert.equal((await runCaptured(["validate", "--rules", dir.path])).code, 1);
  const lenient = await runCaptured(["validate", "--attack-migrate", "--rules", dir.path]);
  assert.match(
    lenient.out,
    /warning: .*OLD\.yaml:7:8 the rule is used with other ids: T1562\.004 is T1686/,
  );
  assert.equal(lenient.code, 0);
  await runCaptured(["rules", "migrate", "--write", "--rules", dir.path]);
  assert.equal((await runCaptured(["validate", "--rules", dir.path])).code, 0);
  const again = await runCaptured(["rules", "migrate", "--rules", dir.path]);
  assert.match(again.out, /^0 of 2 files need a change/);
});

Deno.test("rules migrate to a release that is not loaded asks for its bundle", async () => {
  using dir = directoryWith({ "OLD.yaml": ruleText() });
  const { code, err } = await runCaptured([
    "rules",
    "migrate",
    "--to",
    "18.1",
    "--rules",
    dir.path,
  ]);
  assert.equal(code, 2);
  assert.match(err, /--attack-bundle/);
});

Deno.test("an ATT&CK bundle that cannot be used stops commands that need it", async () => {
  using dir = directoryWith({ "bundle.json": "{}" });
  for (const file of [`${dir.path}/bundle.json`, `${dir.path}/absent.json`]) {
    const { code, err } = await runCaptured(["validate", "--attack-bundle", file]);
    assert.equal(code, 3);
    assert.match(err, /the ATT&CK bundle/);
  }
});

Deno.test("rules fields lists what conditions can look at, by kind of event", async () => {
  const { out } = await runCaptured(["rules", "fields", "http_request"]);
  assert.match(out, /^http_request +url +the address, decoded/m);
  assert.match(out, /^http_request +raw_url +default of conditions without a field$/m);
  assert.doesNotMatch(out, /command_text/);
  const all = await runCaptured(["rules", "fields", "--json"]);
  const rows = all.out.trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(rows.some(({ kind, field }) => kind === "command" && field === "attacker_ip"));
  const { code, err } = await runCaptured(["rules", "fields", "htp_request"]);
  assert.equal(code, 2);
  assert.match(err, /htp_request is no kind of event/);
});

Deno.test("rules list names the exceptions of each rule", async () => {
  using rules = directoryWith({
    "OWN_1.yaml": ruleText({
      rule_id: "OWN_1",
      except: "[{ name: own_host, match: { contains: localhost } }]",
    }),
    "exceptions.yaml": "- { rules: ['OWN_*'], attacker_ip: 203.0.113.0/24, reason: our scanner }\n",
  });
  const table = await runCaptured(["rules", "list", "OWN_*", "--rules", rules.path]);
  assert.match(table.out, /EXCEPT/);
  assert.match(table.out, /own_host, our scanner/);
  const json = await runCaptured(["rules", "list", "OWN_1", "--json", "--rules", rules.path]);
  assert.deepEqual(JSON.parse(json.out).exceptions, [
    { from: "rule", name: "own_host" },
    { from: "operator", name: "our scanner" },
  ]);
});

Deno.test("a wrong exceptions file stops commands that need rules", async () => {
  using rules = directoryWith({ "exceptions.yaml": "- { rules: [R0012] }\n" });
  const { code, err } = await runCaptured(["rules", "list", "--rules", rules.path]);
  assert.notEqual(code, 0);
  assert.match(err, /exceptions\.yaml:1:3 .*must have one of attacker_ip, decky_id and command/);
});

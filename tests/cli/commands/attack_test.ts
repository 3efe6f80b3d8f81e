import assert from "assert";
import { runCaptured } from "../captured_run.ts";

Deno.test("attack info says in one honest line where each release comes from", async () => {
  const { code, out } = await runCaptured(["attack", "info"]);
  assert.equal(code, 0);
  assert.match(out, /^enterprise-19\.1\n {2}15 tactics, \d+ techniques/);
  assert.match(out, /carried over from 18\.1 and completed/);
  assert.match(out, /^ics-18\.1$/m);
});

const LOOKUPS: readonly [id: string, says: RegExp][] = [
  [
    "T1548.001",
    /^T1548\.001 Abuse Elevation Control Mechanism: Setuid and Setgid \(enterprise-19\.1\)/,
  ],
  ["T1562.004", /revoked; its successor is T1686 \(Disable or Modify System Firewall\)/],
  ["TA0112", /^TA0112 Defense Impairment/],
  ["stealth", /^TA0005 Stealth/],
  ["T0828", /\(ics-18\.1\)/],
];

for (const [id, says] of LOOKUPS) {
  Deno.test(`attack lookup ${id} answers`, async () => {
    const { code, out } = await runCaptured(["attack", "lookup", id]);
    assert.equal(code, 0);
    assert.match(out, says);
  });
}

Deno.test("attack lookup of a misspelt id says what was meant, and ends with 2", async () => {
  const { code, err } = await runCaptured(["attack", "lookup", "T1105x"]);
  assert.equal(code, 2);
  assert.match(err, /"T1105x" is neither in ATT&CK .*; did you mean T1105\?/);
});

Deno.test("attack groups lists who uses exactly this technique, by id", async () => {
  const { out } = await runCaptured(["attack", "groups", "T1059.004", "--json"]);
  const ids = out.trim().split("\n").map((line) => JSON.parse(line).id);
  assert.ok(ids.length > 3);
  assert.deepEqual(ids, ids.toSorted());
});

Deno.test("attack license prints MITRE's notice", async () => {
  const { out } = await runCaptured(["attack", "license"]);
  assert.match(out, /The MITRE Corporation/);
  assert.match(out, /non-exclusive, royalty-free license/);
});

Deno.test("a bundle from outside that nobody vouches for ends with 3 and says its hash", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "{}");
  const { code, err } = await runCaptured(["attack", "info", "--attack-bundle", file]);
  assert.equal(code, 3);
  assert.match(err, /nobody vouches for it: pass its SHA-256 \(it is [0-9a-f]{64}\)/);
  await Deno.remove(file);
});

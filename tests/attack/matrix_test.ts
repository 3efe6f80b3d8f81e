import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { Matrix } from "../../lib/attack/matrix.ts";

const { enterprise, ics } = loadEmbeddedAttack();

Deno.test("the embedded releases are Enterprise 19.1 and ICS 18.1", () => {
  assert.equal(enterprise.release, "enterprise-19.1");
  assert.equal(ics.release, "ics-18.1");
  assert.equal(enterprise.tactics.length, 15);
  assert.equal(ics.tactics.length, 12);
});

Deno.test("tactics stand in the order of the matrix, and answer to id and short name", () => {
  assert.equal(enterprise.tactics[0]?.id, "TA0043");
  assert.equal(enterprise.tactics.at(-1)?.id, "TA0040");
  assert.equal(enterprise.tactic("stealth")?.id, "TA0005");
  assert.equal(enterprise.tactic("TA0112")?.name, "Defense Impairment");
  assert.equal(enterprise.tactic("defense-evasion"), undefined);
});

Deno.test("a sub-technique is named after its parent", () => {
  const sub = enterprise.technique("T1548.001");
  assert.equal(sub?.name, "Abuse Elevation Control Mechanism: Setuid and Setgid");
  assert.equal(sub?.parentId, "T1548");
  assert.equal(sub?.url, "https://attack.mitre.org/techniques/T1548/001");
  assert.equal(enterprise.parent("T1548.001")?.id, "T1548");
  assert.equal(enterprise.parent("T1548"), undefined);
  assert.ok(enterprise.subTechniques("T1548").some((technique) => technique.id === "T1548.001"));
});

Deno.test("groups are those that use exactly this technique, by id", () => {
  const ids = (technique: string) => enterprise.groupsUsing(technique).map((group) => group.id);
  const shell = ids("T1059.004");
  assert.ok(shell.length > 0);
  assert.deepEqual(shell, shell.toSorted());
  // Every group that uses the sub-technique uses it, whether or not it uses the parent as such.
  assert.ok(shell.some((group) => !ids("T1059").includes(group)));
});

Deno.test("a revoked technique names what replaced it", () => {
  assert.equal(enterprise.technique("T1562.004")?.revoked, true);
  assert.deepEqual(enterprise.successors("T1562.004"), ["T1686"]);
  assert.deepEqual(enterprise.successors("T1105"), []);
});

Deno.test("unknown ids answer with nothing", () => {
  for (const id of ["", "T9999", "t1105", "__proto__", "constructor"]) {
    assert.equal(enterprise.technique(id), undefined);
    assert.equal(enterprise.tactic(id), undefined);
    assert.deepEqual(enterprise.groupsUsing(id), []);
    assert.deepEqual(enterprise.subTechniques(id), []);
    assert.deepEqual(enterprise.successors(id), []);
  }
});

Deno.test("every technique in use belongs to tactics of its release", () => {
  for (const matrix of [enterprise, ics]) {
    for (const technique of matrix.techniques) {
      if (technique.revoked || technique.deprecated) continue;
      assert.ok(technique.tactics.length > 0, technique.id);
      for (const tactic of technique.tactics) assert.ok(matrix.tactic(tactic), technique.id);
      if (technique.id.includes(".")) assert.ok(matrix.parent(technique.id), technique.id);
    }
  }
});

Deno.test("techniques that name each other as successors end the chain", () => {
  const matrix = new Matrix({
    domain: "enterprise-attack",
    version: "1.0",
    sha256: "",
    tactics: [],
    techniques: [],
    groups: [],
    uses: [],
    revokedBy: [["T1", "T2"], ["T2", "T3"], ["T3", "T2"], ["T4", "T4"]],
  });
  assert.deepEqual(matrix.successors("T1"), ["T2", "T3"]);
  assert.deepEqual(matrix.successors("T4"), []);
});

import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import {
  checkKillChain,
  KILL_CHAIN_PHASES,
  phaseOf,
  tacticOf,
} from "../../lib/attack/kill_chain.ts";
import type { Attack, Matrix } from "../../lib/attack/matrix.ts";

const attack = loadEmbeddedAttack();

Deno.test("every tactic of Enterprise but none unknown has a phase", () => {
  for (const tactic of attack.enterprise.tactics) {
    const phase = phaseOf(tactic.id);
    assert.ok(phase !== undefined && phase in KILL_CHAIN_PHASES, tactic.id);
  }
  assert.equal(phaseOf("TA9999"), undefined);
  assert.equal(phaseOf("constructor"), undefined);
});

Deno.test("a phase leads back to its first tactic, unless no sensor can observe it", () => {
  assert.equal(tacticOf("delivery"), "TA0001");
  assert.equal(tacticOf("defense_evasion"), "TA0005");
  assert.equal(tacticOf("collection"), "TA0009");
  for (const phase of ["reconnaissance", "resource_development", "weaponization"] as const) {
    assert.equal(tacticOf(phase), undefined);
  }
});

Deno.test("the map holds in the embedded releases, and what does not is named", () => {
  assert.deepEqual(checkKillChain(attack), []);
  const withoutIcs: Attack = { enterprise: attack.enterprise, ics: attack.enterprise as Matrix };
  assert.deepEqual(checkKillChain(withoutIcs).length, 4);
  assert.match(
    checkKillChain(withoutIcs)[0]!,
    /tactic TA0100 is neither in ATT&CK enterprise-19.1/,
  );
});

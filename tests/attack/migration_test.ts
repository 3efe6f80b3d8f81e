import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { migrate, type TechniqueRef } from "../../lib/attack/migration.ts";

const { enterprise } = loadEmbeddedAttack();

const CASES: readonly [name: string, before: TechniqueRef, after: TechniqueRef][] = [
  [
    "what holds stays as it is",
    { tactic: "TA0011", technique_id: "T1105" },
    { tactic: "TA0011", technique_id: "T1105" },
  ],
  [
    "a technique that was replaced twice becomes the last one, under a tactic of it",
    { tactic: "TA0005", technique_id: "T1089" },
    { tactic: "TA0112", technique_id: "T1685" },
  ],
  [
    "a sub-technique becomes a sub-technique of another parent",
    { tactic: "TA0005", technique_id: "T1070", sub_technique_id: "T1070.002" },
    { tactic: "TA0112", technique_id: "T1685", sub_technique_id: "T1685.006" },
  ],
  [
    "a technique that has left its tactic stands under the other half of Defense Evasion",
    { tactic: "TA0005", technique_id: "T1222", sub_technique_id: "T1222.002" },
    { tactic: "TA0112", technique_id: "T1222", sub_technique_id: "T1222.002" },
  ],
  [
    "what nobody knows is left for the check to report",
    { tactic: "TA0005", technique_id: "T9999" },
    { tactic: "TA0005", technique_id: "T9999" },
  ],
];

for (const [name, before, after] of CASES) {
  Deno.test(`migrate(): ${name}`, () => {
    const { reference, notices } = migrate(enterprise, before);
    assert.deepEqual(reference, after);
    assert.equal(notices.length > 0, reference !== before);
  });
}

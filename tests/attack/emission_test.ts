import assert from "assert";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { checkEmission, type ClaimedEmission } from "../../lib/attack/emission.ts";

const { enterprise, ics } = loadEmbeddedAttack();

function faults(emission: ClaimedEmission, matrix = enterprise): readonly string[] {
  return checkEmission(matrix, emission).map(({ message, remedy }) =>
    remedy === undefined ? message : `${message}; ${remedy}`
  );
}

Deno.test("checkEmission() accepts what the release holds", () => {
  assert.deepEqual(faults({ tactic: "TA0011", technique_id: "T1105" }), []);
  const suid = { tactic: "TA0004", technique_id: "T1548", sub_technique_id: "T1548.001" };
  assert.deepEqual(faults(suid), []);
  assert.deepEqual(faults({ tactic: "TA0105", technique_id: "T0828" }, ics), []);
});

const CASES: readonly [name: string, emission: ClaimedEmission, expected: readonly string[]][] = [
  [
    "a misspelt technique",
    { tactic: "TA0011", technique_id: "T1105x" },
    ['technique_id "T1105x" is not in ATT&CK enterprise-19.1; did you mean T1105?'],
  ],
  [
    "a tactic that is not one",
    { tactic: "TA9999", technique_id: "T1105" },
    ['tactic "TA9999" is not in ATT&CK enterprise-19.1'],
  ],
  [
    "a short name in place of a tactic id",
    { tactic: "command-and-control", technique_id: "T1105" },
    ['tactic "command-and-control" is not in ATT&CK enterprise-19.1; did you mean TA0011?'],
  ],
  [
    "a revoked sub-technique and its revoked parent",
    { tactic: "TA0005", technique_id: "T1562", sub_technique_id: "T1562.004" },
    [
      'technique_id "T1562" (Impair Defenses) is revoked in ATT&CK enterprise-19.1; its successor is T1685 (Disable or Modify Tools)',
      'sub_technique_id "T1562.004" (Impair Defenses: Disable or Modify System Firewall) is revoked in ATT&CK enterprise-19.1; its successor is T1686 (Disable or Modify System Firewall)',
    ],
  ],
  [
    "a technique whose successor was replaced too",
    { tactic: "TA0005", technique_id: "T1089" },
    [
      'technique_id "T1089" (Disabling Security Tools) is revoked in ATT&CK enterprise-19.1; its successor is T1685 (Disable or Modify Tools)',
    ],
  ],
  [
    "a technique that MITRE has given up",
    { tactic: "TA0002", technique_id: "T1153" },
    [
      'technique_id "T1153" (Source) is deprecated in ATT&CK enterprise-19.1; choose a technique that is in use',
    ],
  ],
  [
    "a sub-technique of another technique",
    { tactic: "TA0004", technique_id: "T1053", sub_technique_id: "T1548.001" },
    ['sub_technique_id "T1548.001" is not a sub-technique of T1053; its parent is T1548'],
  ],
  [
    "a sub-technique where a technique belongs",
    { tactic: "TA0004", technique_id: "T1548.001" },
    [
      'technique_id "T1548.001" is a sub-technique; write technique_id: T1548 and sub_technique_id: T1548.001',
    ],
  ],
  [
    "a technique under a tactic that it is not part of",
    { tactic: "TA0011", technique_id: "T1029" },
    [
      'tactic "TA0011" (Command and Control) is not one of T1029 in ATT&CK enterprise-19.1; it belongs to TA0010 (Exfiltration)',
    ],
  ],
];

for (const [name, emission, expected] of CASES) {
  Deno.test(`checkEmission() names ${name} and what to do`, () => {
    assert.deepEqual(faults(emission), expected);
  });
}

Deno.test("checkEmission() quotes only the beginning of a huge id", () => {
  const [fault] = faults({ tactic: "TA0011", technique_id: "T".repeat(100_000) });
  assert.ok(fault !== undefined && fault.length < 300);
});

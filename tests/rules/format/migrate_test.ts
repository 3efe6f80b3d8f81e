import assert from "assert";
import { loadEmbeddedAttack } from "../../../lib/attack/embedded.ts";
import { checkRules } from "../../../lib/rules/format/check.ts";
import { parseRuleFiles } from "../../../lib/rules/format/load.ts";
import { migrateRules, migrateRuleText } from "../../../lib/rules/format/migrate.ts";
import { rulesOf, ruleText } from "../rule_text.ts";

const { enterprise } = loadEmbeddedAttack();

const BLOCK = `# firewall
rule_id: R0900
rule_version: 1
name: firewall
applies_to: [command]
match: { pattern: iptables }
emits:
  - tactic: TA0005 # was Defense Evasion
    technique_id: T1562
    sub_technique_id: T1562.004   # disable or modify system firewall
    confidence: 0.9
  - tactic: "TA0005"
    technique_id: 'T1070'
    sub_technique_id: T1070.002
    confidence: 0.9
  - tactic: TA0005
    technique_id: T1656
    confidence: 0.5
  - tactic: TA0007
    technique_id: T1083
    confidence: 0.5
attack_release: enterprise-18.1
`;

const MIGRATED = `# firewall
rule_id: R0900
rule_version: 1
name: firewall
applies_to: [command]
match: { pattern: iptables }
emits:
  - tactic: TA0112 # was Defense Evasion
    technique_id: T1686
    confidence: 0.9
  - tactic: TA0112
    technique_id: T1685
    sub_technique_id: T1685.006
    confidence: 0.9
  - tactic: TA0005
    technique_id: T1684
    sub_technique_id: T1684.001
    confidence: 0.5
  - tactic: TA0007
    technique_id: T1083
    confidence: 0.5
attack_release: enterprise-19.1
`;

function errors(text: string): readonly string[] {
  const parsed = parseRuleFiles([{ name: "a.yaml", text }]);
  return [...parsed.problems, ...checkRules(parsed, loadEmbeddedAttack(), { lifters: () => [] })]
    .map(({ message }) => message);
}

Deno.test("ids of the former release become those of this one, and nothing else changes", () => {
  const { text, notices } = migrateRuleText("a.yaml", BLOCK, enterprise);
  assert.equal(text, MIGRATED);
  assert.ok(errors(BLOCK).length > 0);
  assert.deepEqual(errors(text), []);
  assert.deepEqual([...new Set(notices.map(({ line }) => line))], [8, 12, 16, 22]);
  assert.match(notices[0]?.message ?? "", /T1562\.004 is T1686 in ATT&CK enterprise-19\.1/);
});

Deno.test("emissions on one line are rewritten in place", () => {
  for (
    const [before, after] of [
      [
        "[{ tactic: TA0005, technique_id: T1562, sub_technique_id: T1562.004, confidence: 1 }]",
        "[{ tactic: TA0112, technique_id: T1686, confidence: 1 }]",
      ],
      [
        "[{ confidence: 1, tactic: TA0005, technique_id: T1562, sub_technique_id: T1562.004 }]",
        "[{ confidence: 1, tactic: TA0112, technique_id: T1686 }]",
      ],
      [
        "[{ tactic: TA0005, technique_id: T1656, confidence: 1 }]",
        "[{ tactic: TA0005, technique_id: T1684, sub_technique_id: T1684.001, confidence: 1 }]",
      ],
    ] as const
  ) {
    const { text } = migrateRuleText("a.yaml", ruleText({ emits: before }), enterprise);
    assert.equal(text, ruleText({ emits: after }));
    assert.deepEqual(errors(text), []);
  }
});

Deno.test("a rule of this release, a broken file and a removal are left alone", () => {
  for (const text of [ruleText(), "emits: [", "rule_id: R1\nemits: []\napplies_to: []\n", ""]) {
    assert.deepEqual(migrateRuleText("a.yaml", text, enterprise), { text, notices: [] });
  }
});

Deno.test("loaded rules are migrated as their files would be", () => {
  const { rules, notices } = migrateRules(rulesOf(BLOCK, ruleText({ rule_id: "R1" })), enterprise);
  const [fromFile] = rulesOf(MIGRATED);
  assert.deepEqual(rules[0]?.document.emits, fromFile?.document.emits);
  assert.notEqual(rules[0]?.hash, undefined);
  assert.equal(rules[1]?.document.rule_id, "R1");
  assert.ok(notices.length >= 3);
  assert.deepEqual(migrateRules(rules, enterprise).notices, []);
});

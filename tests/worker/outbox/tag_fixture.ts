import type { Tag } from "../../../lib/tagging/tag.ts";

/** A tag with everything that a test does not care about filled in. */
export function tagOf(overrides: Partial<Tag> = {}): Tag {
  return {
    uuid: crypto.randomUUID(),
    sourceKind: "command",
    sourceId: "cmd_42",
    attackerUuid: "attacker-1",
    sessionId: "session-1",
    tactic: "TA0011",
    techniqueId: "T1105",
    confidence: 0.85,
    ruleId: "R0012",
    ruleVersion: 1,
    evidence: {},
    attackRelease: "enterprise-19.1",
    mitreUrl: "https://attack.mitre.org/techniques/T1105",
    ...overrides,
  };
}

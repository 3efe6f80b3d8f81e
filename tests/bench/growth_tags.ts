import { loadPack } from "../../lib/rules/pack.ts";
import { tagUuid } from "../../lib/tagging/identity.ts";
import type { Tag } from "../../lib/tagging/tag.ts";

const RULES = loadPack().rules.filter(({ document }) => document.applies_to.includes("command"));

/** Attackers that the tags are spread over. */
const ATTACKERS = 5_000;

/** Tags as a long run leaves them: all rules, many attackers, one session for eight of them. */
export function growthTags(first: number, count: number): readonly Tag[] {
  return Array.from({ length: count }, (_, index) => tag(first + index));
}

function tag(number: number): Tag {
  const { document } = RULES[number * 7919 % RULES.length]!;
  const { tactic, technique_id, sub_technique_id, confidence } = document.emits[0]!;
  const key = {
    sourceKind: "command",
    sourceId: `bench-${number}`,
    ruleId: document.rule_id,
    ruleVersion: document.rule_version,
    techniqueId: technique_id,
    ...(sub_technique_id !== undefined && { subTechniqueId: sub_technique_id }),
  } as const;
  return {
    uuid: tagUuid(key),
    ...key,
    attackerUuid: `attacker-${number % ATTACKERS}`,
    sessionId: `session-${number >> 3}`,
    deckyId: `decky-${number % 20}`,
    tactic,
    confidence,
    evidence: { matched: `wget http://192.0.2.1/${number}` },
    attackRelease: "19.1",
    mitreUrl: `https://attack.mitre.org/techniques/${technique_id}`,
  };
}

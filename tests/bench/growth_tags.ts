import { loadPack } from "../../lib/rules/pack.ts";
import { NAMESPACE_URL, tagUuid, uuidV5 } from "../../lib/tagging/identity.ts";
import type { Tag } from "../../lib/tagging/tag.ts";

const RULES = loadPack().rules.filter(({ document }) => document.applies_to.includes("command"));

/** Attackers that the tags are spread over. */
const ATTACKERS = 5_000;

/** Deckies that saw them. */
const DECKIES = 20;

/** Tags of one session. */
const PER_SESSION = 4;

/** Tags as a long run leaves them: all rules, many attackers, a session for four of them. */
export function growthTags(first: number, count: number): readonly Tag[] {
  return Array.from({ length: count }, (_, index) => tag(first + index));
}

function tag(number: number): Tag {
  const { document } = RULES[number * 7919 % RULES.length]!;
  const { tactic, technique_id, sub_technique_id, confidence } = document.emits[0]!;
  const session = Math.floor(number / PER_SESSION);
  const sessionId = uuidV5(NAMESPACE_URL, `session-${session}`);
  const key = {
    sourceKind: "command",
    sourceId: `${sessionId}#cmd${number % PER_SESSION}`,
    ruleId: document.rule_id,
    ruleVersion: document.rule_version,
    techniqueId: technique_id,
    ...(sub_technique_id !== undefined && { subTechniqueId: sub_technique_id }),
  } as const;
  return {
    uuid: tagUuid(key),
    ...key,
    attackerUuid: `attacker-${session % ATTACKERS}`,
    sessionId,
    deckyId: `decky-${session % DECKIES}`,
    tactic,
    confidence,
    evidence: { matched: `wget http://192.0.2.1/${number}` },
    attackRelease: "19.1",
    mitreUrl: `https://attack.mitre.org/techniques/${technique_id}`,
  };
}

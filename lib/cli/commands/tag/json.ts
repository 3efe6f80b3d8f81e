import type { Attack, Technique } from "../../../attack/matrix.ts";
import type { Tag } from "../../../tagging/tag.ts";

/** The technique or sub-technique of a tag, in whichever domain it is. */
export function techniqueOf(attack: Attack, tag: Tag): Technique | undefined {
  const id = tag.subTechniqueId ?? tag.techniqueId;
  return attack.enterprise.technique(id) ?? attack.ics.technique(id);
}

/** A tag as `tag --json` prints it. Scripts rely on these names and their order. */
export function tagJson(attack: Attack, tag: Tag): Readonly<Record<string, unknown>> {
  return {
    uuid: tag.uuid,
    technique_id: tag.techniqueId,
    ...(tag.subTechniqueId !== undefined && { sub_technique_id: tag.subTechniqueId }),
    technique_name: techniqueOf(attack, tag)?.name ?? "",
    tactic: tag.tactic,
    confidence: tag.confidence,
    rule_id: tag.ruleId,
    rule_version: tag.ruleVersion,
    source_kind: tag.sourceKind,
    source_id: tag.sourceId,
    evidence: tag.evidence,
    attack_release: tag.attackRelease,
    mitre_url: tag.mitreUrl,
  };
}

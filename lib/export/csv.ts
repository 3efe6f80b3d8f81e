import type { Attack } from "../attack/matrix.ts";
import type { StoredTag } from "../store/tags/tag_row.ts";
import { csvLine } from "../text/csv.ts";
import { tacticOf, techniqueOf } from "./named.ts";

/** Columns in their order; scripts rely on them. */
export const CSV_COLUMNS = [
  "uuid",
  "observed_at",
  "created_at",
  "technique_id",
  "technique_name",
  "tactic_id",
  "tactic_name",
  "confidence",
  "rule_id",
  "rule_version",
  "source_kind",
  "source_id",
  "attacker_uuid",
  "attacker_ip",
  "identity_uuid",
  "session_id",
  "decky_id",
  "attack_release",
  "mitre_url",
  "evidence",
] as const;

/** The first line of the file. */
export const CSV_HEADER: string = csvLine(CSV_COLUMNS);

/** One tag as a line; the address as far as it is known. */
export function csvTagLine(attack: Attack, tag: StoredTag, ip: string | undefined): string {
  const cells: Readonly<Record<typeof CSV_COLUMNS[number], string>> = {
    uuid: tag.uuid,
    observed_at: tag.observedAt,
    created_at: tag.createdAt,
    technique_id: tag.subTechniqueId ?? tag.techniqueId,
    technique_name: techniqueOf(attack, tag)?.name ?? "",
    tactic_id: tag.tactic,
    tactic_name: tacticOf(attack, tag)?.name ?? "",
    confidence: String(tag.confidence),
    rule_id: tag.ruleId,
    rule_version: String(tag.ruleVersion),
    source_kind: tag.sourceKind,
    source_id: tag.sourceId,
    attacker_uuid: tag.attackerUuid ?? "",
    attacker_ip: ip ?? "",
    identity_uuid: tag.identityUuid ?? "",
    session_id: tag.sessionId ?? "",
    decky_id: tag.deckyId ?? "",
    attack_release: tag.attackRelease,
    mitre_url: tag.mitreUrl,
    evidence: JSON.stringify(tag.evidence),
  };
  return csvLine(CSV_COLUMNS.map((column) => cells[column]));
}

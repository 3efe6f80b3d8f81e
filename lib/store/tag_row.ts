import type { SourceKind } from "../rules/source_kind.ts";
import type { Evidence, Tag } from "../tagging/tag.ts";

/** A tag with the time at which it was written. */
export interface StoredTag extends Tag {
  /** UTC, ISO 8601 with milliseconds. */
  readonly createdAt: string;
}

/** Columns of `ttp_tag` in the order of the table. */
export const TAG_COLUMNS =
  "uuid, source_kind, source_id, attacker_uuid, identity_uuid, session_id, decky_id, tactic, " +
  "technique_id, sub_technique_id, confidence, rule_id, rule_version, evidence, attack_release, " +
  "mitre_url, created_at";

/** A row of `ttp_tag` as SQLite gives it. */
export interface TagRow {
  readonly uuid: string;
  readonly source_kind: string;
  readonly source_id: string;
  readonly attacker_uuid: string | null;
  readonly identity_uuid: string | null;
  readonly session_id: string | null;
  readonly decky_id: string | null;
  readonly tactic: string;
  readonly technique_id: string;
  readonly sub_technique_id: string | null;
  readonly confidence: number;
  readonly rule_id: string;
  readonly rule_version: number;
  readonly evidence: string;
  readonly attack_release: string;
  readonly mitre_url: string;
  readonly created_at: string;
}

/** A tag out of its row; what is NULL there is absent here. */
export function tagOf(row: TagRow): StoredTag {
  return {
    uuid: row.uuid,
    sourceKind: row.source_kind as SourceKind,
    sourceId: row.source_id,
    ...(row.attacker_uuid !== null && { attackerUuid: row.attacker_uuid }),
    ...(row.identity_uuid !== null && { identityUuid: row.identity_uuid }),
    ...(row.session_id !== null && { sessionId: row.session_id }),
    ...(row.decky_id !== null && { deckyId: row.decky_id }),
    tactic: row.tactic,
    techniqueId: row.technique_id,
    ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
    confidence: row.confidence,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    evidence: JSON.parse(row.evidence) as Evidence,
    attackRelease: row.attack_release,
    mitreUrl: row.mitre_url,
    createdAt: row.created_at,
  };
}

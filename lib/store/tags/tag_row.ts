import type { SourceKind } from "../../rules/source_kind.ts";
import type { Evidence, Tag } from "../../tagging/tag.ts";

/** A tag with the time at which it was written. */
export interface StoredTag extends Tag {
  /** UTC, ISO 8601 with milliseconds. */
  readonly createdAt: string;
}

/**
 * The tags as SQL reads them, under the names of their columns in `ttp_tag` but
 * for the source id, which is put together. Origins come first, so that whoever
 * names an origin in a condition, or the time, is led by its index.
 */
export const TAGS = `tag_origin AS origin
  CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
  CROSS JOIN tag_label AS label ON label.id = tag.label`;

/** Columns of `TAGS` under their names in `ttp_tag`, in the order of that view. */
export const TAG_COLUMNS =
  "uuid, source_kind, source || source_rest AS source_id, attacker_uuid, identity_uuid, session_id, decky_id, tactic, " +
  "technique_id, sub_technique_id, confidence, rule_id, rule_version, evidence, attack_release, " +
  "mitre_url, created_at";

/** A row of `TAG_COLUMNS` as SQLite gives it. */
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

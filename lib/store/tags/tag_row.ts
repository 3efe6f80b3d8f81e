import type { SourceKind } from "../../rules/source_kind.ts";
import type { Evidence, Tag } from "../../tagging/tag.ts";

/** A tag with its times. */
export interface StoredTag extends Tag {
  /** When it happened; UTC, ISO 8601 with milliseconds. */
  readonly observedAt: string;
  /** When it was labelled, in the same form. */
  readonly createdAt: string;
  /** Host that saw it, where it was named. */
  readonly sensor?: string;
}

const DIMENSIONS = `CROSS JOIN address ON address.id = event.address
  CROSS JOIN attacker ON attacker.id = address.attacker
  LEFT JOIN session ON session.id = event.session
  LEFT JOIN decky ON decky.id = event.decky`;

/** The tags as SQL reads them, by conditions on their events. */
export const TAGS_BY_EVENT = `event CROSS JOIN tag ON tag.event = event.id
  CROSS JOIN label ON label.id = tag.label ${DIMENSIONS}`;

/** The same, by conditions on the tags themselves. */
export const TAGS_BY_TAG = `tag CROSS JOIN event ON event.id = tag.event
  CROSS JOIN label ON label.id = tag.label ${DIMENSIONS}`;

/** Columns of a tag under their names in `ttp_tag`, in the order of that view. */
export const TAG_COLUMNS = `tag.uuid, source_kind, source_id, attacker.uuid AS attacker_uuid,
  address.ip AS attacker_ip,
  (SELECT shown.uuid FROM identity AS named JOIN identity AS shown ON shown.id = named.in_force
    WHERE named.id = coalesce(event.identity, attacker.identity)) AS identity_uuid,
  session_id, decky_id, (SELECT name FROM sensor WHERE sensor.id = event.sensor) AS sensor,
  tactic, technique_id, sub_technique_id, confidence, rule_id, rule_version, evidence,
  attack_release, mitre_url, observed_at, coalesce(tag.created_at, event.created_at) AS created_at,
  text`;

/** A row of `TAG_COLUMNS` as SQLite gives it. */
export interface TagRow {
  readonly uuid: string;
  readonly source_kind: string;
  readonly source_id: string;
  readonly attacker_uuid: string | null;
  readonly attacker_ip: string | null;
  readonly identity_uuid: string | null;
  readonly session_id: string | null;
  readonly decky_id: string | null;
  readonly sensor: string | null;
  readonly tactic: string;
  readonly technique_id: string;
  readonly sub_technique_id: string | null;
  readonly confidence: number;
  readonly rule_id: string;
  readonly rule_version: number;
  readonly evidence: string;
  readonly attack_release: string;
  readonly mitre_url: string;
  readonly observed_at: string;
  readonly created_at: string;
  readonly text: string | null;
}

/** A tag out of its row; what is NULL there is absent here. */
export function tagOf(row: TagRow): StoredTag {
  return {
    uuid: row.uuid,
    sourceKind: row.source_kind as SourceKind,
    sourceId: row.source_id,
    ...(row.attacker_uuid !== null && { attackerUuid: row.attacker_uuid }),
    ...(row.attacker_ip !== null && { attackerIp: row.attacker_ip }),
    ...(row.identity_uuid !== null && { identityUuid: row.identity_uuid }),
    ...(row.session_id !== null && { sessionId: row.session_id }),
    ...(row.decky_id !== null && { deckyId: row.decky_id }),
    ...(row.sensor !== null && { sensor: row.sensor }),
    tactic: row.tactic,
    techniqueId: row.technique_id,
    ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
    confidence: row.confidence,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    evidence: JSON.parse(row.evidence) as Evidence,
    attackRelease: row.attack_release,
    mitreUrl: row.mitre_url,
    ...(row.text !== null && { text: row.text }),
    observedAt: row.observed_at,
    createdAt: row.created_at,
  };
}

import type { Store } from "../store.ts";
import { TAGS } from "../tags/tag_row.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** The tags of one technique that belong to one attacker or identity. */
export interface Sighting {
  /** At least one of both is present. */
  readonly attackerUuid?: string;
  readonly identityUuid?: string;
  /** Address of the attacker, where it is known. */
  readonly ip?: string;
  /** Parent technique id. */
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  readonly attackRelease: string;
  /** How many. */
  readonly tags: number;
  /** When the first was written; UTC, ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Highest confidence among them. */
  readonly bestConfidence: number;
}

interface Row {
  readonly attacker_uuid: string | null;
  readonly identity_uuid: string | null;
  readonly ip: string | null;
  readonly technique_id: string;
  readonly sub_technique_id: string | null;
  readonly attack_release: string;
  readonly tags: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly best: number;
}

/**
 * Who showed which technique, one attacker after the other. Memory stays bounded
 * however many there are.
 *
 * @throws {StoreError} when the database failed
 */
export function* listSightings(store: Store, filter: TagFilter = {}): Generator<Sighting, void> {
  const { sql, values } = conditionOf(filter);
  // The identity of an attacker may have become known after its tags were written.
  const statement = store.database.prepare(
    `SELECT seen.attacker_uuid, coalesce(attacker.identity_uuid, seen.identity) AS identity_uuid,
        attacker.ip, technique_id, sub_technique_id, attack_release, tags,
        seen.first_seen, seen.last_seen, best
      FROM (
        SELECT attacker_uuid, max(identity_uuid) AS identity,
          CASE WHEN attacker_uuid IS NULL THEN identity_uuid END AS alone,
          technique_id, sub_technique_id, attack_release, count(*) AS tags,
          min(created_at) AS first_seen, max(created_at) AS last_seen, max(confidence) AS best
        FROM ${TAGS} WHERE ${sql}
        GROUP BY attacker_uuid, alone, technique_id, sub_technique_id, attack_release
      ) AS seen LEFT JOIN attacker ON attacker.uuid = seen.attacker_uuid
      ORDER BY seen.attacker_uuid, alone, technique_id, sub_technique_id, attack_release`,
  );
  for (const row of statement.iterate<Row>(...values)) {
    yield {
      ...(row.attacker_uuid !== null && { attackerUuid: row.attacker_uuid }),
      ...(row.identity_uuid !== null && { identityUuid: row.identity_uuid }),
      ...(row.ip !== null && { ip: row.ip }),
      techniqueId: row.technique_id,
      ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
      attackRelease: row.attack_release,
      tags: row.tags,
      firstSeen: row.first_seen,
      lastSeen: row.last_seen,
      bestConfidence: row.best,
    };
  }
}

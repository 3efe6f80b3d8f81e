import type { Store } from "../store.ts";
import { conditionOf, type TagFilter, tagsOf } from "./tag_filter.ts";

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
  /** When the first was observed; UTC, ISO 8601. */
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
  const statement = store.database.prepare(
    `SELECT attacker.uuid AS attacker_uuid, shown.uuid AS identity_uuid,
        (SELECT ip FROM address WHERE address.attacker = seen.attacker
          ORDER BY current DESC, sighted_at DESC, ip IS NULL, id DESC LIMIT 1) AS ip,
        technique_id, sub_technique_id, attack_release, seen.tags, seen.first_seen, seen.last_seen, best
      FROM (
        SELECT address.attacker,
          (SELECT in_force FROM identity WHERE id = event.identity) AS identity, technique_id, sub_technique_id, attack_release,
          count(*) AS tags, min(observed_at) AS first_seen, max(observed_at) AS last_seen,
          max(confidence) AS best
        FROM ${tagsOf(filter)} WHERE ${sql} GROUP BY 1, 2, 3, 4, 5
      ) AS seen
        CROSS JOIN attacker ON attacker.id = seen.attacker
        LEFT JOIN identity AS named ON named.id = coalesce(seen.identity, attacker.identity)
        LEFT JOIN identity AS shown ON shown.id = named.in_force
      ORDER BY attacker.uuid, shown.uuid, technique_id, sub_technique_id, attack_release`,
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

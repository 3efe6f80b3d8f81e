import { NOBODY } from "./tag_schema.ts";

/** The tags of versions 1 and 2 as the copy reads them. */
export const OLD_ROWS_OF_WIDE_TABLE = `CREATE VIEW upgrade_row AS
  SELECT rowid AS id, uuid, source_kind, source_id, attacker_uuid, identity_uuid, session_id,
    decky_id, tactic, technique_id, sub_technique_id, confidence, rule_id, rule_version, evidence,
    attack_release, mitre_url, created_at,
    (SELECT json_group_array(rule_id) FROM old_tag_bump WHERE old_tag_bump.uuid = old_ttp_tag.uuid)
      AS bumps
  FROM old_ttp_tag`;

/** The same for versions 3 and 4. */
export const OLD_ROWS_OF_PARTS = `CREATE VIEW upgrade_row AS
  SELECT old_tag.id, uuid, source_kind, source || source_rest AS source_id, attacker_uuid,
    identity_uuid, session_id, decky_id, tactic, technique_id, sub_technique_id, confidence,
    rule_id, rule_version, evidence, attack_release, mitre_url, created_at,
    (SELECT json_group_array(rule_id) FROM old_tag_bump WHERE old_tag_bump.tag = old_tag.id)
      AS bumps
  FROM old_tag
    CROSS JOIN old_tag_origin
      ON old_tag_origin.id = (SELECT max(id) FROM old_tag_origin WHERE id <= old_tag.id)
    CROSS JOIN old_tag_label ON old_tag_label.id = old_tag.label`;

/** Old tags whose id is above `?1` and at most `?2`. */
const ROWS = "upgrade_row AS row WHERE row.id > ?1 AND row.id <= ?2";

const ADDRESS_OF_ATTACKER = `SELECT address.id FROM attacker
  CROSS JOIN address ON address.attacker = attacker.id WHERE attacker.uuid = row.attacker_uuid
  ORDER BY current DESC, sighted_at DESC, address.id LIMIT 1`;

/**
 * Copies the tags whose id is above `?1` and at most `?2`. All of it is SQL, since
 * the runtime reads a text only up to its first NUL. A tag keeps its id, and an
 * event takes that of its first tag.
 */
export const COPY_TAGS: readonly string[] = [
  `INSERT OR IGNORE INTO session (session_id)
    SELECT session_id FROM ${ROWS} AND session_id IS NOT NULL ORDER BY row.id`,
  `INSERT OR IGNORE INTO decky (decky_id)
    SELECT decky_id FROM ${ROWS} AND decky_id IS NOT NULL ORDER BY row.id`,
  `INSERT OR IGNORE INTO attacker (uuid)
    SELECT attacker_uuid FROM ${ROWS} AND attacker_uuid IS NOT NULL ORDER BY row.id`,
  `INSERT OR IGNORE INTO identity (id, uuid, in_force)
    SELECT next, uuid, next FROM (
      SELECT uuid, (SELECT coalesce(max(id), 0) FROM identity) + row_number() OVER (ORDER BY uuid)
        AS next
      FROM (SELECT DISTINCT identity_uuid AS uuid FROM ${ROWS} AND identity_uuid IS NOT NULL
        AND identity_uuid NOT IN (SELECT uuid FROM identity)))`,
  `UPDATE attacker SET identity = (SELECT id FROM identity WHERE identity.uuid = named.identity_uuid)
    FROM (SELECT attacker_uuid, identity_uuid, min(row.id) FROM ${ROWS}
      AND attacker_uuid IS NOT NULL AND identity_uuid IS NOT NULL GROUP BY attacker_uuid) AS named
    WHERE attacker.uuid = named.attacker_uuid AND attacker.identity IS NULL`,
  `INSERT INTO address (attacker)
    SELECT DISTINCT attacker.id FROM upgrade_row AS row
      CROSS JOIN attacker ON attacker.uuid = row.attacker_uuid
    WHERE row.id > ?1 AND row.id <= ?2
      AND NOT EXISTS (SELECT 1 FROM address WHERE address.attacker = attacker.id)
    ORDER BY attacker.id`,
  `INSERT OR IGNORE INTO label (rule_id, rule_version, technique_id, sub_technique_id, tactic,
      attack_release, mitre_url)
    SELECT rule_id, rule_version, technique_id, sub_technique_id, tactic, attack_release, mitre_url
    FROM ${ROWS} ORDER BY row.id`,
  `INSERT INTO event (id, source_kind, source_id, address, identity, session, decky, observed_at,
      created_at)
    SELECT min(row.id), source_kind, source_id,
      coalesce((${ADDRESS_OF_ATTACKER}), ${NOBODY}),
      CASE WHEN attacker_uuid IS NULL
        THEN (SELECT id FROM identity WHERE identity.uuid = row.identity_uuid) END,
      (SELECT id FROM session WHERE session.session_id = row.session_id),
      (SELECT id FROM decky WHERE decky.decky_id = row.decky_id), created_at, created_at
    FROM ${ROWS} GROUP BY source_id, source_kind
    ON CONFLICT (source_id, source_kind) DO NOTHING`,
  `INSERT INTO tag (id, event, label, confidence, uuid, created_at, evidence)
    SELECT row.id, event.id, label.id, confidence, row.uuid,
      CASE WHEN row.created_at <> event.created_at THEN row.created_at END, evidence
    FROM upgrade_row AS row
      CROSS JOIN event ON event.source_id = row.source_id AND event.source_kind = row.source_kind
      CROSS JOIN label ON label.rule_id = row.rule_id AND label.rule_version = row.rule_version
        AND label.technique_id = row.technique_id
        AND coalesce(label.sub_technique_id, '') = coalesce(row.sub_technique_id, '')
    WHERE row.id > ?1 AND row.id <= ?2 ORDER BY row.id
    ON CONFLICT (event, label) DO NOTHING`,
  `UPDATE event SET relabelled_at = later.at
    FROM (SELECT event AS id, max(created_at) AS at FROM tag
      WHERE id > ?1 AND id <= ?2 AND created_at IS NOT NULL GROUP BY +event) AS later
    WHERE event.id = later.id AND later.at > coalesce(relabelled_at, event.created_at)`,
  `INSERT INTO tag_bump (tag, rule_id)
    SELECT row.id, bump.value FROM upgrade_row AS row CROSS JOIN json_each(row.bumps) AS bump
    WHERE row.id > ?1 AND row.id <= ?2 AND EXISTS (SELECT 1 FROM tag WHERE tag.id = row.id)`,
];

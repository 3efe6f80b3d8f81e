import { IS_FIRST_OF_SESSION, NAME_KINDS, NAMES_SETTLED } from "../settling.ts";
import type { Store } from "../store.ts";
import type { NameCount } from "./name_counts.ts";

const { session, sessionSource, sessionAgain } = NAME_KINDS;

/**
 * Sessions of which more was written than their first origin, or that may be such:
 * the only ones that must be summed up. They are few among all, as a rule.
 */
const APART = `SELECT hash, sum(tags) AS tags, min(origin) AS oldest, max(origin) AS newest FROM (
    SELECT CAST(name_hash(session_id) AS INTEGER) AS hash, last_tag - id + 1 AS tags, id AS origin
      FROM tag_origin WHERE id > ${NAMES_SETTLED} AND session_id IS NOT NULL
    UNION ALL SELECT hash, tags, origin FROM tag_name WHERE kind IN (${session}, ${sessionAgain})
  ) GROUP BY hash`;

/** All others, which an index has in order. */
const WHOLE = `SELECT last_tag - id + 1 AS tags, id AS oldest, id AS newest
  FROM tag_origin INDEXED BY tag_origin_session
  WHERE ${IS_FIRST_OF_SESSION} AND id <= ${NAMES_SETTLED}
    AND name_hash(session_id) NOT IN (SELECT hash FROM apart)
  ORDER BY last_tag - id DESC, id LIMIT ?1`;

/**
 * The sessions with the most tags of all, most first, and among equals who came
 * first. Millions of sessions are not gone through for it.
 *
 * @param limit at most so many
 */
export function sessionCounts({ database }: Store, limit: number): readonly NameCount[] {
  return database.prepare(
    `WITH apart AS MATERIALIZED (${APART}),
      sums AS (
        SELECT apart.tags + coalesce(main.tags, 0) AS tags,
          min(oldest, coalesce(main.origin, oldest)) AS oldest,
          max(newest, coalesce(main.origin, newest)) AS newest
        FROM apart LEFT JOIN tag_name AS main
          ON main.kind = ${sessionSource} AND main.hash = apart.hash
        UNION ALL SELECT * FROM (${WHOLE})
      )
      SELECT first.session_id AS id, most.tags, first.created_at AS firstSeen,
        last.created_at AS lastSeen
      FROM (SELECT * FROM sums ORDER BY tags DESC, oldest LIMIT ?1) AS most
        JOIN tag_origin AS first ON first.id = oldest
        JOIN tag_origin AS last ON last.id = newest
      ORDER BY most.tags DESC, oldest`,
  ).all<NameCount>(limit).map((row) => ({ ...row }));
}

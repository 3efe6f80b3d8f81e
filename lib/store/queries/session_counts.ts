import { NAME_KINDS, NAMES_SETTLED } from "../settling.ts";
import type { Store } from "../store.ts";
import type { NameCount } from "./name_counts.ts";

const { session, sessionSource, sessionAgain } = NAME_KINDS;

/**
 * Sessions of which more was written than their first origin, or whose names are
 * not settled yet: the only ones that must be summed up, and few among all as a rule.
 */
const APART = `SELECT apart.hash, main.origin IS NOT NULL AS is_in_main,
    apart.tags + coalesce(main.tags, 0) AS tags,
    min(oldest, coalesce(main.origin, oldest)) AS oldest,
    max(newest, coalesce(main.origin, newest)) AS newest
  FROM (
    SELECT hash, sum(tags) AS tags, min(origin) AS oldest, max(origin) AS newest FROM (
      SELECT CAST(name_hash(session_id) AS INTEGER) AS hash, last_tag - id + 1 AS tags, id AS origin
        FROM tag_origin WHERE id > ${NAMES_SETTLED} AND session_id IS NOT NULL
      UNION ALL SELECT hash, tags, origin FROM tag_name WHERE kind IN (${session}, ${sessionAgain})
    ) GROUP BY hash
  ) AS apart LEFT JOIN tag_name AS main ON main.kind = ${sessionSource} AND main.hash = apart.hash`;

/** Of all others the most: an origin is the whole of them, so that none is looked for twice. */
const WHOLE = `SELECT tags, origin AS oldest, origin AS newest FROM (
    SELECT hash, tags, origin FROM tag_name WHERE kind = ${sessionSource}
    ORDER BY tags DESC, origin LIMIT ?1 + (SELECT count(*) FROM apart WHERE is_in_main)
  ) WHERE hash NOT IN (SELECT hash FROM apart)`;

/**
 * The sessions with the most tags of all, most first, and among equals who came
 * first. To group millions of sessions would take six times as long.
 *
 * @param limit at most so many
 */
export function sessionCounts({ database }: Store, limit: number): readonly NameCount[] {
  return database.prepare(
    `WITH apart AS MATERIALIZED (${APART}),
      sums AS (SELECT tags, oldest, newest FROM apart UNION ALL ${WHOLE})
      SELECT first.session_id AS id, most.tags, first.created_at AS firstSeen,
        last.created_at AS lastSeen
      FROM (SELECT * FROM sums ORDER BY tags DESC, oldest LIMIT ?1) AS most
        JOIN tag_origin AS first ON first.id = oldest
        JOIN tag_origin AS last ON last.id = newest
      ORDER BY most.tags DESC, oldest`,
  ).all<NameCount>(limit).map((row) => ({ ...row }));
}

import { NAME_KINDS, NAMES_SETTLED } from "../tags/settling.ts";
import type { Store } from "../store.ts";
import type { NameCount } from "./name_counts.ts";
import { isWithin, type RowSpan } from "./row_span.ts";

const { session, sessionSource, sessionAgain } = NAME_KINDS;

/**
 * The sessions with the most tags within a span, most first, and among equals who
 * came first. To group millions of sessions would take six times as long.
 *
 * @param limit at most so many
 */
export function sessionCounts(
  { database }: Store,
  span: RowSpan,
  limit: number,
): readonly NameCount[] {
  return database.prepare(
    `WITH apart AS MATERIALIZED (${apartFrom(span)}),
      sums AS (SELECT tags, oldest, newest FROM apart UNION ALL ${wholeFrom(span)})
      SELECT first.session_id AS id, most.tags, first.created_at AS firstSeen,
        last.created_at AS lastSeen
      FROM (SELECT * FROM sums ORDER BY tags DESC, oldest LIMIT ?3) AS most
        JOIN tag_origin AS first ON first.id = oldest
        JOIN tag_origin AS last ON last.id = newest
      ORDER BY most.tags DESC, oldest`,
  ).all<NameCount>(span.from, span.to, limit).map((row) => ({ ...row }));
}

/**
 * Sessions of which more was written than their first origin, or whose names are
 * not settled yet: the only ones that must be summed up, and few among all as a rule.
 */
function apartFrom(span: RowSpan): string {
  return `SELECT apart.hash, main.origin IS NOT NULL AS is_in_main,
      apart.tags + coalesce(main.tags, 0) AS tags,
      min(oldest, coalesce(main.origin, oldest)) AS oldest,
      max(newest, coalesce(main.origin, newest)) AS newest
    FROM (
      SELECT hash, sum(tags) AS tags, min(origin) AS oldest, max(origin) AS newest FROM (
        SELECT CAST(name_hash(session_id) AS INTEGER) AS hash, last_tag - id + 1 AS tags,
            id AS origin
          FROM tag_origin
          WHERE id > ${NAMES_SETTLED} AND session_id IS NOT NULL AND ${isWithin(span, "id")}
        UNION ALL SELECT hash, tags, origin FROM tag_name
          WHERE kind IN (${session}, ${sessionAgain}) AND ${isWithin(span, "origin")}
      ) GROUP BY hash
    ) AS apart LEFT JOIN tag_name AS main
      ON main.kind = ${sessionSource} AND main.hash = apart.hash
        AND ${isWithin(span, "main.origin")}`;
}

/** Of all others the most: their first origin is the whole of them. */
function wholeFrom(span: RowSpan): string {
  return `SELECT tags, origin AS oldest, origin AS newest FROM (
      SELECT hash, tags, origin FROM tag_name
      WHERE kind = ${sessionSource} AND ${isWithin(span, "origin")}
      ORDER BY tags DESC, origin LIMIT ?3 + (SELECT count(*) FROM apart WHERE is_in_main)
    ) WHERE hash NOT IN (SELECT hash FROM apart)`;
}

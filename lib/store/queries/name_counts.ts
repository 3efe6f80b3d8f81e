import { NAME_KINDS, NAMES_SETTLED } from "../tags/settling.ts";
import type { Store } from "../store.ts";
import { isWithin, type RowSpan } from "./row_span.ts";

/** What tags can be gathered by. */
export type Dimension = NamedDimension | "identity";

/** Those that each tag names by itself; an identity may become known later. */
export type NamedDimension = "attacker" | "session" | "decky";

/** The tags of one attacker, identity, session or decky. */
export interface NameCount {
  /** Its id. */
  readonly id: string;
  readonly tags: number;
  /** When the first tag was written; UTC, ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** Columns of `TAGS` by dimension. */
export const DIMENSION_COLUMNS: Readonly<Record<NamedDimension, string>> = {
  attacker: "attacker_uuid",
  session: "session_id",
  decky: "decky_id",
};

/** Whom or what the index of names has as a whole; `sessionCounts()` is for sessions. */
export type WholeDimension = Exclude<NamedDimension, "session">;

const SUMS = "sum(tags) AS tags, min(origin) AS oldest, max(origin) AS newest";

/**
 * Who or what has the most tags within a span, most first, and among equals who
 * came first. Counts come from the index of the names alone; those that are
 * named apart from it, since the index was last brought up to date, are few.
 *
 * @param limit at most so many
 */
export function nameCounts(
  { database }: Store,
  dimension: WholeDimension,
  span: RowSpan,
  limit: number,
): readonly NameCount[] {
  return database.prepare(`${sumsOf(dimension, span)} ${mostOf(dimension, "*")}`)
    .all<NameCount>(span.from, span.to, limit).map((row) => ({ ...row }));
}

/** The same, and how many there are that have any tags within the span. */
export function nameCountsOfAll(
  { database }: Store,
  dimension: WholeDimension,
  span: RowSpan,
  limit: number,
): { readonly rows: readonly NameCount[]; readonly total: number } {
  const rows = database.prepare(
    `${sumsOf(dimension, span)} ${mostOf(dimension, "*, count(*) OVER () AS total")}`,
  ).all<NameCount & { readonly total: number }>(span.from, span.to, limit);
  return { rows: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 };
}

/** The most of `sums`, at most `?3`. */
function mostOf(dimension: WholeDimension, columns: string): string {
  return `SELECT first.${DIMENSION_COLUMNS[dimension]} AS id, most.tags,
      first.created_at AS firstSeen, last.created_at AS lastSeen${columns === "*" ? "" : ", total"}
    FROM (SELECT ${columns} FROM sums ORDER BY tags DESC, oldest LIMIT ?3) AS most
      JOIN tag_origin AS first ON first.id = oldest
      JOIN tag_origin AS last ON last.id = newest
    ORDER BY most.tags DESC, oldest`;
}

/** The relation `sums` over the origins from `?1` to before `?2`, by the hash of the name. */
function sumsOf(dimension: WholeDimension, span: RowSpan): string {
  const column = DIMENSION_COLUMNS[dimension];
  const kind = NAME_KINDS[dimension];
  // Without the cast SQLite would compare each hash with each.
  const fresh = `SELECT CAST(name_hash(${column}) AS INTEGER) AS hash, last_tag - id + 1 AS tags,
      id AS origin
    FROM tag_origin
    WHERE id > ${NAMES_SETTLED} AND ${column} IS NOT NULL AND ${isWithin(span, "id")}`;
  return `WITH apart AS MATERIALIZED (SELECT hash, ${SUMS} FROM (${fresh}) GROUP BY hash),
    main AS (
      SELECT hash, ${SUMS} FROM tag_name
      WHERE kind = ${kind} AND ${isWithin(span, "origin")} GROUP BY hash
    ),
    sums AS (
      SELECT main.tags + coalesce(apart.tags, 0) AS tags,
        min(main.oldest, coalesce(apart.oldest, main.oldest)) AS oldest,
        max(main.newest, coalesce(apart.newest, main.newest)) AS newest
      FROM main LEFT JOIN apart ON apart.hash = main.hash
      UNION ALL
      SELECT tags, oldest, newest FROM apart WHERE NOT EXISTS (
        SELECT 1 FROM tag_name AS named
        WHERE named.kind = ${kind} AND named.hash = apart.hash
          AND ${isWithin(span, "named.origin")})
    )`;
}

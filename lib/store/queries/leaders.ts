import type { Store } from "../store.ts";
import type { Busy } from "./busiest.ts";
import { type Condition, conditionOf, isNarrow, type TagFilter } from "./tag_filter.ts";
import { type RowSpan, rowSpan } from "./row_span.ts";

/** Tags that are read at most where no index has the answer, newest first. */
export const MAX_READ = 200_000;

const COLUMNS = { attacker: "attacker_uuid", decky: "decky_id" } as const;

/** What leaders are asked of. */
export type LeaderKind = keyof typeof COLUMNS;

/** Who or what has the most tags, and among how many. */
export interface Leaders {
  /** Most tags first. */
  readonly rows: readonly Busy[];
  /** How many have any. */
  readonly total: number;
  /** Whether there were too many tags to read, so that this is told from the newest `MAX_READ`. */
  readonly cut: boolean;
}

interface Counted {
  readonly id: string;
  readonly tags: number;
  readonly total: number;
}

/** How much is asked for. */
export interface LeaderOptions {
  /**
   * At most so many.
   *
   * @default {20}
   */
  readonly limit?: number;
  /**
   * Tags that are read at most where no index has the answer.
   *
   * @default {200_000}
   */
  readonly maxRead?: number;
}

/** First and last row of one attacker or decky. */
interface Ends {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * Who or what has the most tags, in bounded time however many there are: where no
 * index has the answer it is told from the newest tags alone.
 */
export function leaders(
  store: Store,
  kind: LeaderKind,
  filter: TagFilter = {},
  { limit = 20, maxRead = MAX_READ }: LeaderOptions = {},
): Leaders {
  const { since, until, ...others } = filter;
  const span = rowSpan(store, since, until);
  const isOfTime = Object.values(others).every((value) => value === undefined);
  const rows = isOfTime
    ? fromIndex(store, kind, span, limit)
    : fromNewest(store, kind, others, span, { limit, maxRead });
  return {
    rows: rows.map(({ id, tags, oldest, newest }) => ({
      ...{ id, tags },
      firstSeen: timeOfRow(store, oldest),
      lastSeen: timeOfRow(store, newest),
    })),
    total: rows[0]?.total ?? 0,
    cut: !isOfTime && isMoreThan(maxRead, store, others, span),
  };
}

/** Counts from the index alone; the ends are sought afterwards, for the few that lead. */
function fromIndex(
  { database }: Store,
  kind: LeaderKind,
  { from, to }: RowSpan,
  limit: number,
): readonly (Counted & Ends)[] {
  const column = COLUMNS[kind];
  const isWhole = from === 0 && to === Number.MAX_SAFE_INTEGER;
  // All in one statement: an id with a NUL character in it does not survive the way out and back.
  return database.prepare(
    `SELECT id, tags, total, (${endOf(kind, "min", "ASC")}) AS oldest,
        (${endOf(kind, "max", "DESC")}) AS newest
      FROM (
        SELECT ${column} AS id, count(*) AS tags, count(*) OVER () AS total
        FROM ttp_tag INDEXED BY ttp_tag_${kind}
        WHERE ${column} IS NOT NULL ${isWhole ? "" : "AND rowid >= ?1 AND rowid < ?2"}
        GROUP BY ${column} ORDER BY tags DESC, id LIMIT ?3
      ) ORDER BY tags DESC, id`,
  ).all<Counted & Ends>(from, to, limit);
}

/**
 * The first or last row of one. The index has an attacker's tags by technique:
 * that is a step for each technique, instead of one for each tag.
 */
function endOf(kind: LeaderKind, best: "min" | "max", order: "ASC" | "DESC"): string {
  const within = `rowid >= ?1 AND rowid < ?2 ORDER BY rowid ${order} LIMIT 1`;
  if (kind === "decky") return `SELECT rowid FROM ttp_tag WHERE decky_id = id AND ${within}`;
  return `WITH RECURSIVE shown (technique) AS (
      SELECT min(technique_id) FROM ttp_tag WHERE attacker_uuid = id
      UNION ALL
      SELECT (SELECT min(technique_id) FROM ttp_tag
        WHERE attacker_uuid = id AND technique_id > technique)
      FROM shown WHERE technique IS NOT NULL
    )
    SELECT ${best}((SELECT rowid FROM ttp_tag
      WHERE attacker_uuid = id AND technique_id = technique AND ${within}))
    FROM shown`;
}

function fromNewest(
  { database }: Store,
  kind: LeaderKind,
  filter: TagFilter,
  span: RowSpan,
  { limit, maxRead }: Required<LeaderOptions>,
): readonly (Counted & Ends)[] {
  const column = COLUMNS[kind];
  const base = baseOf(filter, span);
  const { attackerUuid: _a, identityUuid: _i, sessionId: _s, deckyId: _d, ...facts } = filter;
  const rest = conditionOf(facts);
  return database.prepare(
    `SELECT ${column} AS id, count(*) AS tags, count(*) OVER () AS total,
        min(position) AS oldest, max(position) AS newest
      FROM (SELECT rowid AS position, * FROM ttp_tag
        WHERE rowid IN (SELECT rowid FROM ttp_tag WHERE ${base.sql} LIMIT ?))
      WHERE ${column} IS NOT NULL AND ${rest.sql}
      GROUP BY 1 ORDER BY tags DESC, id LIMIT ?`,
  ).all<Counted & Ends>(...base.values, maxRead, ...rest.values, limit);
}

/** Whom or what the filter names, which an index finds, within the span; newest first. */
function baseOf(filter: TagFilter, { from, to }: RowSpan): Condition {
  const { tactic: _t, techniqueId: _i, ruleId: _r, minConfidence: _c, sourceKind: _s, ...named } =
    filter;
  const { sql, values } = conditionOf(named);
  // The plus keeps SQLite from walking all rows in order for the few of one name.
  const row = isNarrow(filter) ? "+rowid" : "rowid";
  return {
    sql: `${sql} AND ${row} >= ? AND ${row} < ? ORDER BY ${row} DESC`,
    values: [...values, from, to],
  };
}

function isMoreThan(
  count: number,
  { database }: Store,
  filter: TagFilter,
  span: RowSpan,
): boolean {
  const { sql, values } = baseOf(filter, span);
  const counted = database.prepare(
    `SELECT count(*) AS rows FROM (SELECT 1 FROM ttp_tag WHERE ${sql} LIMIT ?)`,
  ).get<{ rows: number }>(...values, count + 1);
  return (counted?.rows ?? 0) > count;
}

function timeOfRow({ database }: Store, row: number): string {
  return database.prepare("SELECT created_at AS at FROM ttp_tag WHERE rowid = ?")
    .get<{ at: string }>(row)!.at;
}

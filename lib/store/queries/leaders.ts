import type { Store } from "../store.ts";
import type { Busy, Dimension } from "./busiest.ts";
import { type Condition, conditionOf, isNarrow, type TagFilter } from "./tag_filter.ts";

/** Tags that are read at most where no index has the answer, newest first. */
export const MAX_READ = 300_000;

const COLUMNS: Readonly<Record<Dimension, string>> = {
  attacker: "attacker_uuid",
  identity: "identity_uuid",
  session: "session_id",
  decky: "decky_id",
};

/** Who or what has the most tags, and among how many. */
export interface Leaders {
  /** Most tags first. */
  readonly rows: readonly Busy[];
  /** How many have any. */
  readonly total: number;
  /** Whether there were too many tags to read, so that this is told from the newest `MAX_READ`. */
  readonly cut: boolean;
}

/** Rows of `ttp_tag`; the end is not part of it. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Who or what has the most tags, in bounded time however many there are: where no
 * index has the answer it is told from the newest tags alone.
 *
 * @param limit at most so many
 */
export function leaders(
  store: Store,
  dimension: Dimension,
  filter: TagFilter = {},
  limit: number = 20,
): Leaders {
  const column = COLUMNS[dimension];
  const { since, until, ...others } = filter;
  const span = spanOf(store, since, until);
  const isOfTime = Object.values(others).every((value) => value === undefined);
  const source = isOfTime ? fromIndex(dimension, span) : fromNewest(column, others, span);
  const rows = store.database.prepare(
    `SELECT id, tags, total, oldest.created_at AS firstSeen, newest.created_at AS lastSeen
      FROM (
        SELECT id, count(*) AS tags, min(position) AS oldest, max(position) AS newest,
          count(*) OVER () AS total
        FROM (${source.sql}) WHERE id IS NOT NULL GROUP BY id ORDER BY tags DESC, id LIMIT ?
      ) AS busy
      JOIN ttp_tag AS oldest ON oldest.rowid = busy.oldest
      JOIN ttp_tag AS newest ON newest.rowid = busy.newest
      ORDER BY tags DESC, id`,
  ).all<Busy & { readonly total: number }>(...source.values, limit);
  return {
    rows: rows.map(({ id, tags, firstSeen, lastSeen }) => ({ id, tags, firstSeen, lastSeen })),
    total: rows[0]?.total ?? 0,
    cut: !isOfTime && isMoreThanRead(store, others, span),
  };
}

/** Tags are written one after the other, so that a span of time is one of rows, which every index holds. */
function spanOf({ database }: Store, since: Date | undefined, until: Date | undefined): Span {
  const rowAt = (time: Date | undefined): number | undefined =>
    time && database.prepare(
      "SELECT rowid AS row FROM ttp_tag WHERE created_at >= ? ORDER BY created_at, rowid LIMIT 1",
    ).get<{ row: number }>(time.toISOString())?.row;
  const end = Number.MAX_SAFE_INTEGER;
  return { from: since === undefined ? 0 : rowAt(since) ?? end, to: rowAt(until) ?? end };
}

function fromIndex(dimension: Dimension, { from, to }: Span): Condition {
  const column = COLUMNS[dimension];
  return {
    sql: `SELECT ${column} AS id, rowid AS position FROM ttp_tag INDEXED BY ttp_tag_${dimension}
      WHERE ${column} IS NOT NULL AND rowid >= ? AND rowid < ?`,
    values: [from, to],
  };
}

function fromNewest(column: string, filter: TagFilter, span: Span): Condition {
  const base = baseOf(filter, span);
  const { tactic, techniqueId, ruleId, minConfidence, sourceKind } = filter;
  const rest = conditionOf(
    Object.fromEntries(
      Object.entries({ tactic, techniqueId, ruleId, minConfidence, sourceKind })
        .filter(([, value]) => value !== undefined),
    ),
  );
  return {
    sql: `SELECT ${column} AS id, position FROM (
        SELECT *, rowid AS position FROM ttp_tag WHERE ${base.sql} LIMIT ${MAX_READ}
      ) WHERE ${rest.sql}`,
    values: [...base.values, ...rest.values],
  };
}

/** Who or what the filter names, which an index finds, within the span; newest first. */
function baseOf(filter: TagFilter, { from, to }: Span): Condition {
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

function isMoreThanRead({ database }: Store, filter: TagFilter, span: Span): boolean {
  const { sql, values } = baseOf(filter, span);
  const counted = database.prepare(
    `SELECT count(*) AS rows FROM (SELECT 1 FROM ttp_tag WHERE ${sql} LIMIT ${MAX_READ + 1})`,
  ).get<{ rows: number }>(...values);
  return (counted?.rows ?? 0) > MAX_READ;
}

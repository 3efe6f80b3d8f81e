import type { Store } from "../store.ts";
import { TAGS } from "../tags/tag_row.ts";
import { DIMENSION_COLUMNS, type NameCount, nameCountsOfAll } from "./name_counts.ts";
import { isOfTime, type RowSpan, rowSpan } from "./row_span.ts";
import { type Condition, conditionOf, isNarrow, type TagFilter } from "./tag_filter.ts";

/** Tags that are read at most where no index has the answer, newest first. */
export const MAX_READ = 200_000;

/** What leaders are asked of. */
export type LeaderKind = "attacker" | "decky";

/** Who or what has the most tags, and among how many. */
export interface Leaders {
  /** Most tags first. */
  readonly rows: readonly NameCount[];
  /** How many have any. */
  readonly total: number;
  /** Whether there were too many tags to read, so that this is told from the newest `MAX_READ`. */
  readonly cut: boolean;
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
  if (isOfTime(filter)) {
    return { ...nameCountsOfAll(store, kind, span, limit), cut: false };
  }
  const rows = fromNewest(store, kind, others, span, { limit, maxRead });
  return {
    rows: rows.map(({ total: _, ...row }) => row),
    total: rows[0]?.total ?? 0,
    cut: isMoreThan(maxRead, store, others, span),
  };
}

function fromNewest(
  { database }: Store,
  kind: LeaderKind,
  filter: TagFilter,
  span: RowSpan,
  { limit, maxRead }: Required<LeaderOptions>,
): readonly (NameCount & { readonly total: number })[] {
  const column = DIMENSION_COLUMNS[kind];
  const base = baseOf(filter, span);
  const { attackerUuid: _a, identityUuid: _i, sessionId: _s, deckyId: _d, ...facts } = filter;
  const rest = conditionOf(facts);
  return database.prepare(
    `SELECT ${column} AS id, count(*) AS tags, min(created_at) AS firstSeen,
        max(created_at) AS lastSeen, count(*) OVER () AS total
      FROM (SELECT ${column}, origin.id AS origin, created_at, technique_id, sub_technique_id,
          tactic, rule_id, confidence, source_kind
        FROM ${TAGS} WHERE ${base.sql} LIMIT ?)
      WHERE ${column} IS NOT NULL AND ${rest.sql}
      GROUP BY 1 ORDER BY tags DESC, min(origin) LIMIT ?`,
  ).all<NameCount & { readonly total: number }>(...base.values, maxRead, ...rest.values, limit)
    .map((row) => ({ ...row }));
}

/** Whom or what the filter names, which an index finds, within the span; newest first. */
function baseOf(filter: TagFilter, { from, to }: RowSpan): Condition {
  const { tactic: _t, techniqueId: _i, ruleId: _r, minConfidence: _c, sourceKind: _s, ...named } =
    filter;
  const { sql, values } = conditionOf(named);
  // The plus keeps SQLite from walking all origins in order for the few of one name.
  const row = isNarrow(filter) ? "+origin.id" : "origin.id";
  return {
    sql: `${sql} AND ${row} >= ? AND ${row} < ? ORDER BY ${row} DESC, tag.id DESC`,
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
    `SELECT count(*) AS rows FROM (SELECT 1 FROM ${TAGS} WHERE ${sql} LIMIT ?)`,
  ).get<{ rows: number }>(...values, count + 1);
  return (counted?.rows ?? 0) > count;
}

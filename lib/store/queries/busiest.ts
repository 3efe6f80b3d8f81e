import type { Store } from "../store.ts";
import { TAGS } from "../tags/tag_row.ts";
import { identityCounts } from "./identities.ts";
import {
  type Dimension,
  DIMENSION_COLUMNS,
  type NameCount,
  nameCounts,
  type NamedDimension,
} from "./name_counts.ts";
import { isOfTime, rowSpan } from "./row_span.ts";
import { sessionCounts } from "./session_counts.ts";
import { type Condition, conditionOf, type TagFilter } from "./tag_filter.ts";

/**
 * Who or what has the most tags, most first, and among equals who came first.
 *
 * @param limit at most so many
 */
export function busiest(
  store: Store,
  dimension: Dimension,
  filter: TagFilter = {},
  limit: number = 20,
): readonly NameCount[] {
  if (dimension !== "identity" && isOfTime(filter)) {
    const span = rowSpan(store, filter.since, filter.until);
    return dimension === "session"
      ? sessionCounts(store, span, limit)
      : nameCounts(store, dimension, span, limit);
  }
  const { sql, values } = dimension === "identity"
    ? identityCounts(filter)
    : countsOf(dimension, filter);
  return store.database.prepare(
    `SELECT busy.id, tags, first.created_at AS firstSeen, last.created_at AS lastSeen
      FROM (${sql} ORDER BY tags DESC, oldest LIMIT ?) AS busy
      JOIN tag_origin AS first ON first.id = oldest
      JOIN tag_origin AS last ON last.id = newest
      ORDER BY tags DESC, oldest`,
  ).all<NameCount>(...values, limit).map((row) => ({ ...row }));
}

/** The relation of the names that have tags; see `identityCounts()`. */
function countsOf(dimension: NamedDimension, filter: TagFilter): Condition {
  const { sql, values } = conditionOf(filter);
  const column = DIMENSION_COLUMNS[dimension];
  return {
    sql: `SELECT ${column} AS id, count(*) AS tags, min(origin.id) AS oldest,
        max(origin.id) AS newest
      FROM ${TAGS} WHERE ${column} IS NOT NULL AND ${sql} GROUP BY ${column}`,
    values,
  };
}

import type { Store } from "../store.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** What tags can be gathered by. */
export type Dimension = "attacker" | "identity" | "session" | "decky";

/** One attacker, identity, session or decky with its tags. */
export interface Busy {
  /** Its id. */
  readonly id: string;
  readonly tags: number;
  /** When the first tag was written; UTC, ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

const COLUMNS: Readonly<Record<Dimension, string>> = {
  attacker: "attacker_uuid",
  identity: "identity_uuid",
  session: "session_id",
  decky: "decky_id",
};

/**
 * Who or what has the most tags, most first.
 *
 * @param limit at most so many
 */
export function busiest(
  store: Store,
  dimension: Dimension,
  filter: TagFilter = {},
  limit: number = 20,
): readonly Busy[] {
  const column = COLUMNS[dimension];
  const { sql, values } = conditionOf(filter);
  // With a condition, SQLite must start from it: in the order of the column it would visit all tags.
  const key = sql === "TRUE" ? column : `+${column}`;
  // Counts and rows come from the index alone when nothing else is asked. Tags are written one
  // after the other, so that the order of the rows is that of their times.
  return store.database.prepare(
    `SELECT id, tags, oldest.created_at AS firstSeen, newest.created_at AS lastSeen
      FROM (
        SELECT ${column} AS id, count(*) AS tags, min(rowid) AS oldest, max(rowid) AS newest
        FROM ttp_tag WHERE ${key} IS NOT NULL AND ${sql}
        GROUP BY ${key} ORDER BY tags DESC, id LIMIT ?
      ) AS busy
      JOIN ttp_tag AS oldest ON oldest.rowid = busy.oldest
      JOIN ttp_tag AS newest ON newest.rowid = busy.newest
      ORDER BY tags DESC, id`,
  ).all<Busy>(...values, limit).map((row) => ({ ...row }));
}

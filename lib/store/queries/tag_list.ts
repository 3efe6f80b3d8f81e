import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "../tags/tag_row.ts";
import { conditionOf, isNarrow, type TagFilter, tagsOf } from "./tag_filter.ts";

/** In what order tags come, and how many. */
export interface ListOptions {
  /** By when they were observed. @default {"oldest"} */
  readonly first?: "oldest" | "newest";
  /** All of them when absent. */
  readonly limit?: number;
}

/**
 * Tags one after the other, in the order in which they were observed, all from
 * one moment: what is written meanwhile does not show. Memory stays bounded
 * however many there are. The write-ahead log cannot be cut while a walk is
 * under way, so walk through to the end or leave the loop.
 *
 * @throws {StoreError} when the database failed
 */
export function* listTags(
  store: Store,
  filter: TagFilter = {},
  options: ListOptions = {},
): Generator<StoredTag, void> {
  const { sql, values } = conditionOf(filter);
  const direction = options.first === "newest" ? "DESC" : "ASC";
  // With the plus the few tags are sorted; without it SQLite may walk all events in order instead.
  const time = isNarrow(filter) ? "+observed_at" : "observed_at";
  const statement = store.database.prepare(
    `SELECT ${TAG_COLUMNS} FROM ${tagsOf(filter)} WHERE ${sql}
      ORDER BY ${time} ${direction}, event.id ${direction}, tag.id ${direction} LIMIT ?`,
  );
  for (const row of statement.iterate<TagRow>(...values, options.limit ?? -1)) yield tagOf(row);
}

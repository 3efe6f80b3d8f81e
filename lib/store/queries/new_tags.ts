import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "../tag_row.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** Most tags that one look brings, so that whoever was away for long gets them in pieces. */
const MAX_TAGS = 1000;

/** Follows the tags that other connections write, as a worker in another process does. */
export class NewTags {
  readonly #store: Store;
  readonly #filter: TagFilter;
  #row: number;
  #version: unknown;

  /**
   * Begins behind the tags that are there now.
   *
   * @param filter which tags are meant; all by default
   */
  constructor(store: Store, filter: TagFilter = {}) {
    this.#store = store;
    this.#filter = filter;
    this.#version = this.#dataVersion();
    this.#row = this.#lastRow();
  }

  /**
   * The last tags that were there at the beginning, oldest first.
   *
   * @param count at most so many
   */
  before(count: number): readonly StoredTag[] {
    const { sql, values } = conditionOf(this.#filter);
    return this.#store.database.prepare(
      `SELECT ${TAG_COLUMNS} FROM ttp_tag WHERE rowid <= ? AND ${sql} ORDER BY rowid DESC LIMIT ?`,
    ).all<TagRow>(this.#row, ...values, count).map(tagOf).reverse();
  }

  /**
   * What was written since the last look, in the order of writing. Call it again
   * at once when it brought something: there may be more.
   */
  next(): readonly StoredTag[] {
    const version = this.#dataVersion();
    if (version === this.#version) return [];
    const last = this.#lastRow();
    // Where the newest tags were removed their places are given out again.
    if (last < this.#row) this.#row = last;
    const { sql, values } = conditionOf(this.#filter);
    const rows = this.#store.database.prepare(
      `SELECT rowid AS row, ${TAG_COLUMNS} FROM ttp_tag
        WHERE rowid > ? AND rowid <= ? AND ${sql} ORDER BY rowid LIMIT ?`,
    ).all<TagRow & { readonly row: number }>(this.#row, last, ...values, MAX_TAGS);
    const isAll = rows.length < MAX_TAGS;
    this.#row = isAll ? last : rows.at(-1)!.row;
    if (isAll) this.#version = version;
    return rows.map(tagOf);
  }

  /** Changes with every commit of another connection; asking costs next to nothing. */
  #dataVersion(): unknown {
    return this.#store.database.scalar("PRAGMA data_version");
  }

  #lastRow(): number {
    return Number(this.#store.database.scalar("SELECT max(rowid) FROM ttp_tag") ?? 0);
  }
}

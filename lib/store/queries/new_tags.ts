import type { Statement, Value } from "../sqlite/statement.ts";
import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow, TAGS_BY_TAG } from "../tags/tag_row.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** Most tags that one look brings, so that whoever was away for long gets them in pieces. */
const MAX_TAGS = 1000;

/** Follows the tags that other connections write, as a worker in another process does. */
export class NewTags {
  readonly #before: Statement;
  readonly #between: Statement;
  readonly #newest: Statement;
  readonly #dataVersion: Statement;
  readonly #values: readonly Value[];
  /** The last tag that was seen; ids only grow. */
  #seen: number;
  #version: number;

  /**
   * Begins behind the tags that are there now.
   *
   * @param filter which tags are meant; all by default
   */
  constructor({ database }: Store, filter: TagFilter = {}) {
    const { sql, values } = conditionOf(filter);
    this.#values = values;
    this.#before = database.prepare(
      `SELECT ${TAG_COLUMNS} FROM ${TAGS_BY_TAG} WHERE tag.id <= ? AND ${sql}
        ORDER BY tag.id DESC LIMIT ?`,
    );
    this.#between = database.prepare(
      `SELECT tag.id AS row, ${TAG_COLUMNS} FROM ${TAGS_BY_TAG}
        WHERE tag.id > ? AND ${sql} ORDER BY tag.id LIMIT ?`,
    );
    this.#newest = database.prepare("SELECT coalesce(max(id), 0) AS row FROM tag");
    // Changes with every commit of another connection; asking costs next to nothing.
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#version = this.#currentVersion();
    this.#seen = this.#newestRow();
  }

  /**
   * The last tags that were there at the beginning, oldest first.
   *
   * @param count at most so many
   */
  before(count: number): readonly StoredTag[] {
    return this.#before.all<TagRow>(this.#seen, ...this.#values, count).map(tagOf).reverse();
  }

  /**
   * What was written since the last look, in the order of writing. Call it again
   * at once when it brought something: there may be more.
   */
  next(): readonly StoredTag[] {
    const version = this.#currentVersion();
    if (version === this.#version) return [];
    const newest = this.#newestRow();
    const rows = this.#between.all<TagRow & { readonly row: number }>(
      ...[this.#seen, ...this.#values, MAX_TAGS],
    );
    const last = rows.at(-1);
    if (last !== undefined && rows.length === MAX_TAGS) {
      this.#seen = last.row;
    } else {
      // More may have come between the two looks; then the version has changed again.
      this.#seen = Math.max(newest, last?.row ?? 0);
      this.#version = version;
    }
    return rows.map(tagOf);
  }

  #currentVersion(): number {
    return this.#dataVersion.get<{ data_version: number }>()!.data_version;
  }

  #newestRow(): number {
    return this.#newest.get<{ row: number }>()?.row ?? 0;
  }
}

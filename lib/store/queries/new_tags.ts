import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "../tag_row.ts";
import { conditionOf, type TagFilter } from "./tag_filter.ts";

/** Most tags that one look brings, so that whoever was away for long gets them in pieces. */
const MAX_TAGS = 1000;

/** A tag that was seen, or the beginning. */
interface Place {
  readonly row: number;
  readonly uuid?: string;
  /** When it was written. */
  readonly at: string;
}

const NOWHERE: Place = { row: 0, at: "" };

/** Follows the tags that other connections write, as a worker in another process does. */
export class NewTags {
  readonly #store: Store;
  readonly #filter: TagFilter;
  #place: Place;
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
    this.#place = this.#newest();
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
    ).all<TagRow>(this.#place.row, ...values, count).map(tagOf).reverse();
  }

  /**
   * What was written since the last look, in the order of writing. Call it again
   * at once when it brought something: there may be more.
   */
  next(): readonly StoredTag[] {
    const version = this.#dataVersion();
    if (version === this.#version) return [];
    const newest = this.#newest();
    const from = this.#isThere(this.#place) ? this.#place.row : this.#rowBefore(this.#place.at);
    const { sql, values } = conditionOf(this.#filter);
    const rows = this.#store.database.prepare(
      `SELECT rowid AS row, ${TAG_COLUMNS} FROM ttp_tag
        WHERE rowid > ? AND rowid <= ? AND ${sql} ORDER BY rowid LIMIT ?`,
    ).all<TagRow & { readonly row: number }>(from, newest.row, ...values, MAX_TAGS);
    const last = rows.at(-1);
    if (last !== undefined && rows.length === MAX_TAGS) {
      this.#place = { row: last.row, uuid: last.uuid, at: last.created_at };
    } else {
      this.#place = newest;
      this.#version = version;
    }
    return rows.map(tagOf);
  }

  /** Changes with every commit of another connection; asking costs next to nothing. */
  #dataVersion(): unknown {
    return this.#store.database.scalar("PRAGMA data_version");
  }

  #newest(): Place {
    const row = this.#store.database.prepare(
      "SELECT rowid AS row, uuid, created_at AS at FROM ttp_tag ORDER BY rowid DESC LIMIT 1",
    ).get<Place>();
    return row === undefined ? NOWHERE : { ...row };
  }

  #isThere({ row, uuid }: Place): boolean {
    return uuid === undefined || this.#store.database.prepare(
          "SELECT 1 FROM ttp_tag WHERE rowid = ? AND uuid = ?",
        ).get(row, uuid) !== undefined;
  }

  /** Where the newest tags were removed their rows are given out again: then only times tell what is new. */
  #rowBefore(at: string): number {
    const found = this.#store.database.prepare(
      "SELECT rowid AS row FROM ttp_tag WHERE created_at <= ? ORDER BY created_at DESC, rowid DESC LIMIT 1",
    ).get<{ row: number }>(at);
    return found?.row ?? 0;
  }
}

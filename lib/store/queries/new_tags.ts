import type { Statement, Value } from "../statement.ts";
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
  readonly #before: Statement;
  readonly #between: Statement;
  readonly #newest: Statement;
  readonly #isThere: Statement;
  readonly #rowBefore: Statement;
  readonly #dataVersion: Statement;
  readonly #values: readonly Value[];
  #place: Place;
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
      `SELECT ${TAG_COLUMNS} FROM ttp_tag WHERE rowid <= ? AND ${sql} ORDER BY rowid DESC LIMIT ?`,
    );
    this.#between = database.prepare(
      `SELECT rowid AS row, ${TAG_COLUMNS} FROM ttp_tag
        WHERE rowid > ? AND rowid <= ? AND ${sql} ORDER BY rowid LIMIT ?`,
    );
    this.#newest = database.prepare(
      "SELECT rowid AS row, uuid, created_at AS at FROM ttp_tag ORDER BY rowid DESC LIMIT 1",
    );
    this.#isThere = database.prepare("SELECT 1 FROM ttp_tag WHERE rowid = ? AND uuid = ?");
    this.#rowBefore = database.prepare(
      `SELECT rowid AS row FROM ttp_tag
        WHERE created_at <= ? ORDER BY created_at DESC, rowid DESC LIMIT 1`,
    );
    // Changes with every commit of another connection; asking costs next to nothing.
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#version = this.#currentVersion();
    this.#place = this.#newestPlace();
  }

  /**
   * The last tags that were there at the beginning, oldest first.
   *
   * @param count at most so many
   */
  before(count: number): readonly StoredTag[] {
    return this.#before.all<TagRow>(this.#place.row, ...this.#values, count).map(tagOf).reverse();
  }

  /**
   * What was written since the last look, in the order of writing. Call it again
   * at once when it brought something: there may be more.
   */
  next(): readonly StoredTag[] {
    const version = this.#currentVersion();
    if (version === this.#version) return [];
    const newest = this.#newestPlace();
    const rows = this.#between.all<TagRow & { readonly row: number }>(
      ...[this.#rowOf(this.#place), newest.row, ...this.#values, MAX_TAGS],
    );
    const last = rows.at(-1);
    if (last !== undefined && rows.length === MAX_TAGS) {
      this.#place = { row: last.row, uuid: last.uuid, at: last.created_at };
    } else {
      this.#place = newest;
      this.#version = version;
    }
    return rows.map(tagOf);
  }

  #currentVersion(): number {
    return this.#dataVersion.get<{ data_version: number }>()!.data_version;
  }

  #newestPlace(): Place {
    const row = this.#newest.get<Place>();
    return row === undefined ? NOWHERE : { ...row };
  }

  /** Where the newest tags were removed their rows are given out again: then only times tell what is new. */
  #rowOf({ row, uuid, at }: Place): number {
    if (uuid === undefined || this.#isThere.get(row, uuid) !== undefined) return row;
    return this.#rowBefore.get<{ row: number }>(at)?.row ?? 0;
  }
}

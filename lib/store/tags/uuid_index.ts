import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import { TAG_COLUMNS, type TagRow, TAGS_BY_TAG } from "./tag_row.ts";

/** Tags that are indexed together; a look-up reads as many for each place that may have its uuid. */
const BATCH_TAGS = 8192;

/** The last tag that the index holds, as SQL. */
const INDEXED = "(SELECT coalesce(max(last_tag), 0) FROM tag_uuid_index)";

/** The first four bytes of a uuid, as SQL; of what is no uuid, its first four characters. */
const beginningOf = (uuid: string): string =>
  `coalesce(unhex(substr(${uuid}, 1, 8)), CAST(substr(${uuid}, 1, 4) AS BLOB))`;

/**
 * Finds a tag by its uuid. An ordinary index of random uuids costs as much as
 * all other indexes together, so that this one is filled for thousands of tags
 * at a time; those that it does not hold yet are read one by one.
 */
export class UuidIndex implements TransactionMember {
  readonly #isDue: Statement;
  readonly #extend: Statement;
  readonly #find: Statement;
  readonly #dropEmpty: Statement;

  constructor(database: Database) {
    this.#isDue = database.prepare(
      `SELECT (SELECT coalesce(max(id), 0) FROM tag) - ${INDEXED} >= ${BATCH_TAGS} AS due`,
    );
    this.#extend = database.prepare(
      `INSERT INTO tag_uuid_index (first_tag, last_tag, beginnings)
        SELECT min(id), max(id), CAST(group_concat(${beginningOf("uuid")}, '') AS BLOB)
        FROM tag WHERE id > ${INDEXED} HAVING count(*) > 0`,
    );
    // The plus keeps SQLite from making an index of all uuids for one of them.
    this.#find = database.prepare(
      `SELECT ${TAG_COLUMNS} FROM (
          SELECT first_tag AS first, last_tag AS last FROM tag_uuid_index
          WHERE instr(beginnings, ${beginningOf("?1")}) > 0
          UNION ALL SELECT ${INDEXED} + 1, ${Number.MAX_SAFE_INTEGER}
        ) AS part CROSS JOIN ${TAGS_BY_TAG}
        WHERE tag.id BETWEEN part.first AND part.last AND +tag.uuid = ?1 LIMIT 1`,
    );
    this.#dropEmpty = database.prepare(
      `DELETE FROM tag_uuid_index
        WHERE last_tag < coalesce((SELECT min(id) FROM tag), ${Number.MAX_SAFE_INTEGER})`,
    );
    database.join(this);
  }

  /** The row of a tag, if there is one of that uuid. */
  find(uuid: string): TagRow | undefined {
    return this.#find.get<TagRow>(uuid);
  }

  /** Drops what holds only tags that were removed. */
  dropEmpty(): void {
    this.#dropEmpty.run();
  }

  /** @inheritdoc */
  committing(): void {
    if (this.#isDue.get<{ due: number }>()!.due !== 0) this.#extend.run();
  }
}

import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

/** Share of a bound that may come in before the table is measured again. */
const SLACK = 1 / 8;

/** How much a table may hold. */
export interface TableBoundOptions {
  readonly table: string;
  /** Column by which the oldest rows are told. */
  readonly order: string;
  /** What a row takes, in bytes, as SQL. */
  readonly bytes: string;
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Which rows are meant, as SQL; all by default. */
  readonly where?: string;
}

/** Bounds a table in rows and bytes: the oldest rows go when there are too many. */
export class TableBound {
  /** Name of the table. */
  readonly table: string;
  readonly #database: Database;
  readonly #options: TableBoundOptions;
  readonly #measure: Statement;
  readonly #cut: Statement;
  #addedRows = 0;
  #addedBytes = 0;
  #dropped = 0;

  constructor(database: Database, options: TableBoundOptions) {
    const { table, order, bytes, where = "true" } = options;
    this.table = table;
    this.#database = database;
    this.#options = options;
    this.#measure = database.prepare(
      `SELECT count(*) AS rows, coalesce(sum(${bytes}), 0) AS bytes FROM ${table} WHERE ${where}`,
    );
    this.#cut = database.prepare(
      `DELETE FROM ${table} WHERE rowid IN (
        SELECT row FROM (
          SELECT rowid AS row, row_number() OVER newest AS place, sum(${bytes}) OVER newest AS bytes
          FROM ${table} WHERE ${where} WINDOW newest AS (ORDER BY ${order} DESC, rowid DESC)
        ) WHERE place > ? OR bytes > ?)`,
    );
  }

  /** Notes a row that came in; the table never holds more than an eighth above its bound. */
  added(bytes: number): void {
    this.#addedRows++;
    this.#addedBytes += bytes;
    const { maxRows, maxBytes } = this.#options;
    if (this.#addedRows > maxRows * SLACK || this.#addedBytes > maxBytes * SLACK) this.enforce();
  }

  /** Removes the oldest rows of too many. */
  enforce(): void {
    const { maxRows, maxBytes } = this.#options;
    this.#addedRows = this.#addedBytes = 0;
    const { rows, bytes } = this.#measure.get<{ rows: number; bytes: number }>()!;
    if (rows <= maxRows && bytes <= maxBytes) return;
    this.#dropped += this.#database.together(() => this.#cut.run(maxRows, maxBytes));
  }

  /** Rows that went since the last time somebody asked. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}

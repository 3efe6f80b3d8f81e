import type { DatabaseSync, SQLInputValue, StatementSync } from "sqlite";
import { StoreError, storeErrorOf } from "./errors.ts";

/** What a parameter of a statement can be. */
export type Value = SQLInputValue;

/** What statements run on: the connection to one file, which may be made anew. */
export interface Connection {
  /** Path of the database, for messages. */
  readonly file: string;
  /** Absent while there is none. */
  current: DatabaseSync | undefined;
}

/**
 * One prepared statement. Failures come out as `StoreError`. Rows come out in
 * the shape that the caller says its columns have.
 */
export class Statement {
  readonly #connection: Connection;
  readonly #sql: string;
  #prepared: StatementSync;
  // The runtime closes a database that only its statements remember (denoland/deno#31732).
  #preparedOn: DatabaseSync;

  /**
   * @param connection what it runs on
   * @param sql one statement
   */
  constructor(connection: Connection, sql: string) {
    this.#connection = connection;
    this.#sql = sql;
    this.#preparedOn = currentOf(connection);
    this.#prepared = this.#prepare(this.#preparedOn);
  }

  #prepare(database: DatabaseSync): StatementSync {
    try {
      return database.prepare(this.#sql);
    } catch (error) {
      throw storeErrorOf(error, this.#connection.file);
    }
  }

  /** The statement on the connection of now. */
  get #inner(): StatementSync {
    if (this.#connection.current !== this.#preparedOn) {
      const current = currentOf(this.#connection);
      this.#prepared = this.#prepare(current);
      this.#preparedOn = current;
    }
    return this.#prepared;
  }

  /**
   * Runs it to its end.
   *
   * @returns rows that it changed itself
   * @throws {StoreError} when the database failed
   */
  run(...values: readonly Value[]): number {
    try {
      return Number(this.#inner.run(...values).changes);
    } catch (error) {
      throw storeErrorOf(error, this.#connection.file);
    }
  }

  /**
   * Its first row, if it has one.
   *
   * @throws {StoreError} when the database failed
   */
  get<Row>(...values: readonly Value[]): Row | undefined {
    try {
      return this.#inner.get(...values) as Row | undefined;
    } catch (error) {
      throw storeErrorOf(error, this.#connection.file);
    }
  }

  /**
   * All its rows at once; for results that are known to be small.
   *
   * @throws {StoreError} when the database failed
   */
  all<Row>(...values: readonly Value[]): readonly Row[] {
    try {
      return this.#inner.all(...values) as Row[];
    } catch (error) {
      throw storeErrorOf(error, this.#connection.file);
    }
  }

  /**
   * Its rows one after the other. Only one walk over a statement can be under
   * way at a time.
   *
   * @throws {StoreError} when the database failed
   */
  *iterate<Row>(...values: readonly Value[]): Generator<Row, void> {
    if (!this.#preparedOn.isOpen) return;
    try {
      for (const row of this.#inner.iterate(...values)) yield row as Row;
    } catch (error) {
      throw storeErrorOf(error, this.#connection.file);
    }
  }
}

function currentOf({ current, file }: Connection): DatabaseSync {
  if (current !== undefined) return current;
  throw new StoreError("io", `database ${file} is not open; it is opened again when it is there`);
}

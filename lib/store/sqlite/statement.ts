import type { DatabaseSync, SQLInputValue, StatementSync } from "sqlite";
import { storeErrorOf } from "./errors.ts";

/** What a parameter of a statement can be. */
export type Value = SQLInputValue;

/**
 * One prepared statement. Failures come out as `StoreError`. Rows come out in
 * the shape that the caller says its columns have.
 */
export class Statement {
  readonly #inner: StatementSync;
  // The runtime closes a database that only its statements remember (denoland/deno#31732).
  readonly #keptAlive: DatabaseSync;
  readonly #file: string;

  /**
   * @param database connection that it runs on
   * @param sql one statement
   * @param file path of the database, for messages
   */
  constructor(database: DatabaseSync, sql: string, file: string) {
    this.#keptAlive = database;
    this.#file = file;
    try {
      this.#inner = database.prepare(sql);
    } catch (error) {
      throw storeErrorOf(error, file);
    }
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
      throw storeErrorOf(error, this.#file);
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
      throw storeErrorOf(error, this.#file);
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
      throw storeErrorOf(error, this.#file);
    }
  }

  /**
   * Its rows one after the other. Only one walk over a statement can be under
   * way at a time.
   *
   * @throws {StoreError} when the database failed
   */
  *iterate<Row>(...values: readonly Value[]): Generator<Row, void> {
    if (!this.#keptAlive.isOpen) return;
    try {
      for (const row of this.#inner.iterate(...values)) yield row as Row;
    } catch (error) {
      throw storeErrorOf(error, this.#file);
    }
  }
}

import { DatabaseSync } from "sqlite";
import { StoreError, storeErrorOf } from "./errors.ts";
import { nameHash } from "../tags/name_hash.ts";
import { Statement } from "./statement.ts";

/**
 * Keeps something in memory that belongs to a transaction and must be undone,
 * kept or written together with it. It is told only what it has a method for.
 */
export interface TransactionMember {
  /** A transaction, or one inside it, has begun. */
  begun?(): void;
  /** An inner one is kept as part of the one around it. */
  kept?(): void;
  /** The innermost one is undone. */
  undone?(): void;
  /** The outermost one is about to be committed: what is to be written is written now. */
  committing?(): void;
  /** The outermost one is committed. */
  committed?(): void;
}

/** One connection to a SQLite file: statements and transactions. */
export class Database {
  /** Path of the file. */
  readonly file: string;
  readonly #inner: DatabaseSync;
  readonly #members: TransactionMember[] = [];
  readonly #control = new Map<string, Statement>();
  #depth = 0;

  /**
   * @param file path of the database
   * @param readOnly opens it without the right to change anything
   * @throws {StoreError} when it cannot be opened
   */
  constructor(file: string, readOnly: boolean) {
    this.file = file;
    try {
      this.#inner = new DatabaseSync(file, { readOnly });
      this.#inner.function("name_hash", { deterministic: true }, hashOrNull);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError("cannot_open", `database ${file} cannot be opened: ${reason}`, error);
    }
  }

  /** Prepares a statement, to be kept and run many times. */
  prepare(sql: string): Statement {
    return new Statement(this.#inner, sql, this.file);
  }

  /** Runs one statement once. */
  run(sql: string): void {
    this.prepare(sql).all();
  }

  /** The first column of the first row of a pragma or query. */
  scalar(sql: string): unknown {
    const row = this.prepare(sql).get<Readonly<Record<string, unknown>>>();
    return row === undefined ? undefined : Object.values(row)[0];
  }

  /** Makes something take part in every transaction from now on. */
  join(member: TransactionMember): void {
    this.#members.push(member);
  }

  /**
   * Does work that is written as a whole or not at all. One inside another is
   * undone alone when it fails.
   *
   * @param work must not wait for anything
   * @returns what the work returned
   * @throws {StoreError} when the database failed
   */
  transaction<T>(work: () => T): T {
    return this.#depth === 0 ? this.#outermost(work) : this.#inside(work);
  }

  /**
   * Does work that belongs together, as part of the transaction that is under
   * way, or of its own. Unlike `transaction()` it is not undone alone: whoever
   * catches its failure must let the transaction around it fail.
   *
   * @param work must not wait for anything
   * @returns what the work returned
   * @throws {StoreError} when the database failed
   */
  together<T>(work: () => T): T {
    return this.#depth === 0 ? this.#outermost(work) : work();
  }

  /**
   * Reads that all see one moment, whatever others write meanwhile. The
   * write-ahead log cannot be cut as long as they take.
   *
   * @param work must not write, nor wait for anything
   * @returns what the work returned
   * @throws {StoreError} when the database failed
   */
  snapshot<T>(work: () => T): T {
    if (this.#inner.isTransaction) return work();
    this.#command("BEGIN");
    try {
      return work();
    } finally {
      if (this.#inner.isTransaction) this.#command("COMMIT");
    }
  }

  #outermost<T>(work: () => T): T {
    this.#command("BEGIN IMMEDIATE");
    this.#enter();
    try {
      const result = work();
      for (const member of this.#members) member.committing?.();
      this.#requireTransaction();
      this.#command("COMMIT");
      for (const member of this.#members) member.committed?.();
      return result;
    } catch (error) {
      for (const member of this.#members) member.undone?.();
      // A full disk or a failed write makes SQLite end the transaction by itself.
      if (this.#inner.isTransaction) this.#command("ROLLBACK");
      throw error;
    } finally {
      this.#depth = 0;
    }
  }

  #inside<T>(work: () => T): T {
    this.#requireTransaction();
    const name = `level_${this.#depth}`;
    this.#command(`SAVEPOINT ${name}`);
    this.#enter();
    try {
      const result = work();
      this.#command(`RELEASE ${name}`);
      for (const member of this.#members) member.kept?.();
      return result;
    } catch (error) {
      for (const member of this.#members) member.undone?.();
      if (this.#inner.isTransaction) {
        this.#command(`ROLLBACK TO ${name}`);
        this.#command(`RELEASE ${name}`);
      }
      throw error;
    } finally {
      this.#depth--;
    }
  }

  #enter(): void {
    this.#depth++;
    for (const member of this.#members) member.begun?.();
  }

  /** Whoever overlooked the failure that ended the transaction must not go on without one. */
  #requireTransaction(): void {
    if (this.#inner.isTransaction) return;
    throw new StoreError("io", `database ${this.file}: the transaction was undone after a failure`);
  }

  #command(sql: string): void {
    let statement = this.#control.get(sql);
    if (statement === undefined) this.#control.set(sql, statement = this.prepare(sql));
    statement.run();
  }

  /** Closes the connection; closing it again does nothing. */
  close(): void {
    if (!this.#inner.isOpen) return;
    try {
      this.#inner.close();
    } catch (error) {
      throw storeErrorOf(error, this.file);
    }
  }
}

/** `name_hash()` of SQL, where an id may be absent. */
function hashOrNull(name: unknown): number | null {
  return typeof name === "string" ? nameHash(name) : null;
}

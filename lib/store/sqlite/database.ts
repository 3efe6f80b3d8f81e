import { backup, DatabaseSync } from "sqlite";
import { StoreError, storeErrorOf } from "./errors.ts";
import { type Connection, Statement } from "./statement.ts";

/**
 * Keeps something in memory that belongs to a transaction and must be undone,
 * kept or written together with it. It is told only what it has a method for.
 */
export interface TransactionMember {
  /** A transaction, or one inside it, has begun. */
  begun?(): void;
  /** An inner one is kept as part of the one around it. */
  kept?(): void;
  /** The innermost one is undone, or what was committed may be gone: nothing is known of the file. */
  undone?(): void;
  /** The outermost one is about to be committed: what is to be written is written now. */
  committing?(): void;
  /** The outermost one is committed. */
  committed?(): void;
}

/** Looks after the file under a connection; see `FileGuard`. */
export interface TransactionGuard {
  /** Called before each transaction; throws when nothing may be written. */
  beforeTransaction(): void;
  /** Called before each commit; throws when it must not be. */
  beforeCommit(): void;
  /** Called after each commit; throws when what was written is not where it will be read. */
  afterCommit(): void;
  /**
   * Moves the write-ahead log into the file.
   *
   * @returns whether all of it was moved
   */
  checkpoint(mode: "PASSIVE" | "TRUNCATE"): boolean;
  /** Called when the connection is closed for good. */
  close(): void;
}

/**
 * Pages of 4 KiB in the write-ahead log after which they are moved into the file.
 * At SQLite's default of 1000 the same pages are moved again and again.
 */
export const CHECKPOINT_PAGES = 8192;

/** One connection to a SQLite file: statements and transactions. */
export class Database {
  /** Path of the file. */
  readonly file: string;
  /** Guards the file, once somebody has asked for it. */
  guard: TransactionGuard | undefined;
  readonly #readOnly: boolean;
  readonly #connection: Connection;
  readonly #settings: (() => void)[] = [];
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
    this.#readOnly = readOnly;
    this.#connection = { file, current: this.#open() };
  }

  /** Does what sets a connection up, now and again whenever it is made anew. */
  configure(settings: () => void): void {
    this.#settings.push(settings);
    settings();
  }

  /**
   * Closes the connection and makes a new one, which sees the files that are at the path
   * now. Statements go on with it.
   *
   * @param onClosed called when the old one is closed and the new one is not there yet
   * @throws {StoreError} when there is none; every statement throws until one could be made
   */
  reopen(onClosed: () => void): void {
    const { current } = this.#connection;
    this.#connection.current = undefined;
    if (current?.isOpen) current.close();
    onClosed();
    this.#connection.current = this.#open();
    for (const settings of this.#settings) settings();
    // It may hold something else than before, as if the last transaction had been undone.
    for (const member of this.#members) member.undone?.();
  }

  #open(): DatabaseSync {
    const { file } = this;
    try {
      return new DatabaseSync(file, { readOnly: this.#readOnly });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError("cannot_open", `database ${file} cannot be opened: ${reason}`, error);
    }
  }

  /** Whether a transaction is open in the file. */
  get #isTransaction(): boolean {
    return this.#connection.current?.isTransaction ?? false;
  }

  /** Prepares a statement, to be kept and run many times. */
  prepare(sql: string): Statement {
    return new Statement(this.#connection, sql);
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
    if (this.#isTransaction) return work();
    this.#command("BEGIN");
    try {
      return work();
    } finally {
      if (this.#isTransaction) this.#command("COMMIT");
    }
  }

  #outermost<T>(work: () => T): T {
    this.guard?.beforeTransaction();
    const result = this.#committed(work);
    this.guard?.afterCommit();
    return result;
  }

  #committed<T>(work: () => T): T {
    this.#command("BEGIN IMMEDIATE");
    this.#enter();
    try {
      const result = work();
      for (const member of this.#members) member.committing?.();
      this.#requireTransaction();
      this.guard?.beforeCommit();
      this.#command("COMMIT");
      for (const member of this.#members) member.committed?.();
      return result;
    } catch (error) {
      for (const member of this.#members) member.undone?.();
      // A full disk or a failed write makes SQLite end the transaction by itself.
      if (this.#isTransaction) this.#command("ROLLBACK");
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
      if (this.#isTransaction) {
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
    if (this.#isTransaction) return;
    throw new StoreError("io", `database ${this.file}: the transaction was undone after a failure`);
  }

  #command(sql: string): void {
    let statement = this.#control.get(sql);
    if (statement === undefined) this.#control.set(sql, statement = this.prepare(sql));
    statement.run();
  }

  /**
   * Writes everything into another file, readable by nobody else.
   *
   * @param path of a file that is not there yet
   * @throws {StoreError} when it could not be written
   */
  async copyTo(path: string): Promise<void> {
    const { current } = this.#connection;
    if (current === undefined) return;
    try {
      Deno.openSync(path, { write: true, createNew: true, mode: 0o600 }).close();
      await backup(current, path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StoreError(
        "io",
        `database ${this.file} cannot be saved as ${path}: ${reason}`,
        error,
      );
    }
  }

  /** Closes the connection; closing it again does nothing. */
  close(): void {
    const { current } = this.#connection;
    try {
      if (current?.isOpen) current.close();
    } catch (error) {
      throw storeErrorOf(error, this.file);
    }
    this.guard?.close();
  }
}

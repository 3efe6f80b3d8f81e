import { AttackerTable } from "./attackers.ts";
import type { Database } from "./sqlite/database.ts";
import { DeadLetterTable } from "./queues/dead_letters.ts";
import { DeliveryAttemptTable } from "./queues/delivery_attempts.ts";
import { DeadLetterFiles } from "./queues/dead_letter_files.ts";
import { IntelTable } from "./intel.ts";
import { FileGuard } from "./sqlite/file_guard.ts";
import { openDatabase, type StoreOptions } from "./sqlite/open.ts";
import { OutboxTable } from "./queues/outbox.ts";
import { ParkedTable } from "./queues/parked.ts";
import { TableBound } from "./queues/table_bound.ts";
import { RuleStateTable } from "./rules/rule_states.ts";
import { SuppressedTable } from "./rules/suppressed.ts";
import { TagTable } from "./tags/tags.ts";

/** Rows that went with an attacker. */
export interface Forgotten {
  readonly tags: number;
  readonly parked: number;
  readonly announcements: number;
  readonly deadLetters: number;
  readonly intel: number;
  readonly attackers: number;
}

/**
 * Everything that the program keeps, in one SQLite file. All methods are
 * synchronous and throw `StoreError`.
 */
export class Store implements Disposable {
  readonly tags: TagTable;
  readonly attackers: AttackerTable;
  readonly intel: IntelTable;
  readonly outbox: OutboxTable;
  readonly parked: ParkedTable;
  readonly deadLetters: DeadLetterTable;
  readonly deliveryAttempts: DeliveryAttemptTable;
  /** The messages of dead letters that are kept whole. */
  readonly deadLetterFiles: DeadLetterFiles;
  readonly ruleStates: RuleStateTable;
  readonly suppressed: SuppressedTable;
  /** How far files have been imported: those that were begun first go first. */
  readonly importBound: TableBound;
  /** For the queries of `lib/store/queries/`. */
  readonly database: Database;
  #guard: FileGuard | undefined;

  private constructor(database: Database) {
    this.database = database;
    this.tags = new TagTable(database);
    this.attackers = new AttackerTable(database);
    this.intel = new IntelTable(database);
    this.outbox = new OutboxTable(database);
    this.parked = new ParkedTable(database);
    this.deadLetters = new DeadLetterTable(database);
    this.deliveryAttempts = new DeliveryAttemptTable(database);
    this.deadLetterFiles = new DeadLetterFiles(database.file);
    this.ruleStates = new RuleStateTable(database);
    this.suppressed = new SuppressedTable(database);
    this.importBound = new TableBound(database, {
      table: "meta",
      order: "rowid",
      bytes: "octet_length(key) + octet_length(value)",
      maxRows: 1_000,
      maxBytes: 16 * 1024 * 1024,
      where: "key LIKE 'import:%'",
    });
  }

  /**
   * Opens a database.
   *
   * @param path file
   * @throws {StoreError} when it cannot be used
   */
  static open(path: string, options: StoreOptions = {}): Store {
    return new Store(openDatabase(path, options));
  }

  /**
   * Does work that is written as a whole or not at all; one inside another is
   * undone alone.
   *
   * @param work must not wait for anything
   * @returns what the work returned
   */
  transaction<T>(work: () => T): T {
    return this.database.transaction(work);
  }

  /**
   * Removes an attacker: its tags, its verdict, and every message that waits or
   * was given up and names it. What is deleted is overwritten too, so that it
   * cannot be read in the file afterwards.
   *
   * @param who by uuid, by address, or both
   * @returns how many rows went, by what they were
   */
  forget(who: { readonly uuid?: string; readonly ip?: string }): Forgotten {
    this.database.run("PRAGMA secure_delete = ON");
    const { uuid = this.attackers.byIp(who.ip ?? "")?.uuid } = who;
    const { ip = this.attackers.byUuid(uuid ?? "")?.ip } = who;
    const { tags, parked, outbox, deadLetters, deadLetterFiles, intel, attackers } = this;
    const names = [uuid, ip].filter((name) => name !== undefined);
    const files = new Set(names.flatMap((name) => deadLetterFiles.naming(name)));
    // First, so that none is left when the rows that name them are gone.
    for (const file of files) deadLetterFiles.remove(file);
    return this.transaction(() => ({
      tags: (uuid === undefined ? 0 : tags.forget(uuid)) +
        (who.ip === undefined ? 0 : tags.forgetAddress(who.ip)),
      parked: ip === undefined ? 0 : parked.removeByIp(ip),
      announcements: uuid === undefined ? 0 : outbox.removeNaming(uuid),
      deadLetters: names.reduce((sum, name) => sum + deadLetters.removeNaming(name), 0) +
        Array.from(files).reduce((sum, file) => sum + deadLetters.removeFile(file), 0),
      intel: uuid !== undefined && intel.remove(uuid) ? 1 : 0,
      attackers: removed(attackers, uuid, who.ip),
    }));
  }

  /**
   * Moves the write-ahead log into the file and cuts it to nothing. It does not
   * wait for who is still reading the old state.
   *
   * @returns whether nobody was in the way
   */
  checkpoint(): boolean {
    const timeout = this.database.scalar("PRAGMA busy_timeout");
    this.database.run("PRAGMA busy_timeout = 0");
    try {
      const { guard } = this.database;
      if (guard !== undefined) return guard.checkpoint("TRUNCATE");
      return this.database.scalar("PRAGMA wal_checkpoint(TRUNCATE)") === 0;
    } finally {
      this.database.run(`PRAGMA busy_timeout = ${timeout}`);
    }
  }

  /**
   * Looks after the file from now on: see `FileGuard`. For who writes into it as long as
   * the program runs.
   */
  guardFile(): FileGuard {
    if (this.#guard === undefined) {
      this.#guard = new FileGuard(this.database);
      // A log that is lost must not take the tables themselves with it.
      this.checkpoint();
    }
    return this.#guard;
  }

  /** Removes the files of dead letters that are gone. */
  sweepDeadLetterFiles(nowMs: number): void {
    this.deadLetterFiles.sweep(this.deadLetters.files(), nowMs);
  }

  /**
   * Changes how long SQLite waits for another process that writes. It sleeps on the
   * thread that asks.
   *
   * @param ms in milliseconds
   */
  waitForLock(ms: number): void {
    this.database.configure(() => this.database.run(`PRAGMA busy_timeout = ${Math.trunc(ms)}`));
  }

  /** Tables that are bounded in rows and bytes and say what went. */
  get bounds(): readonly TableBound[] {
    const { addresses, attackers, identities } = this.attackers.bounds;
    return [
      this.parked.bound,
      this.intel.bound,
      this.ruleStates.bound,
      this.importBound,
      // Attackers after addresses, since those without an address go.
      addresses,
      attackers,
      identities,
    ];
  }

  /** Closes the file. */
  close(): void {
    this.database.close();
  }

  /** Closes the file at the end of a block. */
  [Symbol.dispose](): void {
    this.close();
  }
}

function removed(
  attackers: AttackerTable,
  uuid: string | undefined,
  ip: string | undefined,
): number {
  if (ip !== undefined) attackers.removeAddress(ip);
  return uuid !== undefined && attackers.remove(uuid) ? 1 : 0;
}

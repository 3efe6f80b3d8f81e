import { quickCheck } from "./check.ts";
import { CHECKPOINT_PAGES, Database } from "./database.ts";
import { claimFile, secureFile } from "./file.ts";
import { checkVersion, migrate, requireCurrentSchema, type UpgradeProgress } from "./migrate.ts";

/** How a database is opened. */
export interface StoreOptions {
  /**
   * `create` makes the file when it is missing; `existing` refuses then, so that
   * a mistyped path does not become a database; `read_only` changes nothing.
   *
   * @default {"create"}
   */
  readonly access?: "create" | "existing" | "read_only";
  /**
   * `normal` may lose the last commits when the power fails, never consistency;
   * `full` puts each commit on the platter.
   *
   * @default {"normal"}
   */
  readonly synchronous?: "normal" | "full";
  /**
   * Milliseconds to wait for another process that writes.
   *
   * @default {5000}
   */
  readonly busyTimeoutMs?: number;
  /**
   * Whether the file's consistency is checked first. It reads the whole file, up
   * to 128 MiB; of a larger one it leaves out the tags.
   *
   * @default {true}
   */
  readonly check?: boolean;
  /** Told how much of an older file is brought up to date, from 0 to 1, after each chunk of it. */
  readonly onUpgrade?: UpgradeProgress;
  /** Largest size of the file in pages of 4 KiB; no limit but the disk's by default. */
  readonly maxPages?: number;
}

/** A write-ahead log that was longer is cut back to this, in bytes. */
const JOURNAL_BYTES = 64 * 1024 * 1024;

/** Pages kept in memory by who reads, in KiB. */
const CACHE_KIB = 8 * 1024;

/**
 * The same for who writes. Since indexes are written for thousands of tags at a time,
 * more is no faster: a million tags went in at 46,000 a second with 4 MiB and with 8.
 */
const WRITING_CACHE_KIB = 4 * 1024;

/**
 * Opens a database, checks it, and brings its schema up to date.
 *
 * @throws {StoreError} when it cannot be used; an existing file is never overwritten
 */
export function openDatabase(path: string, options: StoreOptions = {}): Database {
  const access = options.access ?? "create";
  claimFile(path, access);
  const database = new Database(path, access === "read_only");
  try {
    database.configure(() => setUp(database, options));
    // Nothing may be changed in a file before it is known to be ours and well.
    checkVersion(database);
    if (options.check ?? true) quickCheck(database);
    if (access === "read_only") {
      requireCurrentSchema(database);
    } else {
      database.configure(() => setUpWriting(database, options));
      migrate(database, options.onUpgrade);
      secureFile(path);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function setUp(database: Database, options: StoreOptions): void {
  database.run(`PRAGMA busy_timeout = ${Math.trunc(options.busyTimeoutMs ?? 5000)}`);
  database.run("PRAGMA foreign_keys = ON");
  database.run("PRAGMA trusted_schema = OFF");
  database.run(`PRAGMA cache_size = -${CACHE_KIB}`);
}

function setUpWriting(database: Database, options: StoreOptions): void {
  database.run(`PRAGMA cache_size = -${WRITING_CACHE_KIB}`);
  // Only possible before the first table.
  if (database.scalar("PRAGMA page_count") === 0) {
    database.run("PRAGMA auto_vacuum = INCREMENTAL");
  }
  database.run("PRAGMA journal_mode = WAL");
  database.run(`PRAGMA synchronous = ${options.synchronous === "full" ? "FULL" : "NORMAL"}`);
  database.run(`PRAGMA journal_size_limit = ${JOURNAL_BYTES}`);
  database.run(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  // A reader's large sorts may go to disk; what a writer notes for undoing is small and must not.
  database.run("PRAGMA temp_store = MEMORY");
  if (options.maxPages !== undefined) {
    database.run(`PRAGMA max_page_count = ${Math.trunc(options.maxPages)}`);
  }
}

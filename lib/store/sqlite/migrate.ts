import { TAG_TABLES } from "../tags/tag_schema.ts";
import { TagUpgrade } from "../tags/upgrade.ts";
import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";

/** Schema version that this program writes, kept in SQLite's `user_version`. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Told how much of an older file is brought up to date, from 0 to 1. */
export type UpgradeProgress = (share: number) => void;

/**
 * Brings the schema of a file that `checkVersion()` let pass up to date. Of an
 * older file chunks are committed one after the other, so that it can be broken
 * off at any instant and goes on the next time; the version is set last.
 *
 * @param onProgress told after each chunk
 * @throws {StoreError} `full` when there is not enough room for it
 */
export function migrate(database: Database, onProgress?: UpgradeProgress): void {
  // Two processes may start at once: each looks again once it holds the lock.
  if (versionOf(database) === 0) database.transaction(() => create(database));
  if (versionOf(database) === SCHEMA_VERSION) return;
  const upgrade = new TagUpgrade(database);
  const whenOlder = (work: (version: number) => void): void =>
    database.transaction(() => {
      const version = versionOf(database);
      if (version < SCHEMA_VERSION) work(version);
    });
  whenOlder((version) => {
    if (!upgrade.isBegun) upgrade.begin(version, MIGRATIONS.slice(version).flat());
  });
  for (let share = 0; share < 1 && versionOf(database) < SCHEMA_VERSION;) {
    whenOlder(() => share = upgrade.copyChunk());
    onProgress?.(share);
  }
  whenOlder(() => {
    upgrade.end();
    setVersion(database);
  });
}

/**
 * Makes sure that the schema is not an older one.
 *
 * @throws {StoreError} when it is
 */
export function requireCurrentSchema(database: Database): void {
  const version = versionOf(database);
  if (version === SCHEMA_VERSION) return;
  throw new StoreError(
    "older_schema",
    `database ${database.file} has schema version ${version} and this program reads ` +
      `${SCHEMA_VERSION}; a worker of this program brings it up to date at its start`,
  );
}

function create(database: Database): void {
  if (versionOf(database) > 0) return;
  for (const change of [...MIGRATIONS.flat(), ...TAG_TABLES]) database.run(change);
  database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
  setVersion(database);
}

function setVersion(database: Database): void {
  database.run(`PRAGMA user_version = ${SCHEMA_VERSION}`);
}

interface Header {
  readonly version: number;
  readonly application: number;
  readonly objects: number;
}

/**
 * Makes sure that a file is empty or this program's, and not from its future.
 *
 * @throws {StoreError} when it is not
 */
export function checkVersion(database: Database): void {
  const { file } = database;
  // One statement, since another process may be setting the file up at this moment.
  const { version, application, objects } = database.prepare(
    `SELECT user_version AS version, application_id AS application,
        (SELECT count(*) FROM sqlite_schema) AS objects
      FROM pragma_user_version, pragma_application_id`,
  ).get<Header>() ?? { version: 0, application: 0, objects: 0 };
  const empty = version === 0 && application === 0 && objects === 0;
  if (!empty && application !== APPLICATION_ID) {
    throw new StoreError(
      "cannot_open",
      `${file} is a SQLite database of another program; give another path`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StoreError(
      "newer_schema",
      `database ${file} has schema version ${version} and this program knows up to ` +
        `${SCHEMA_VERSION}; use the newer program that wrote it, or another file`,
    );
  }
}

function versionOf(database: Database): number {
  return Number(database.scalar("PRAGMA user_version"));
}

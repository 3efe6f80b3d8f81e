import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";

/** Schema version that this program writes, kept in SQLite's `user_version`. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/** Brings the schema of a file that `checkVersion()` let pass up to date, one transaction a step. */
export function migrate(database: Database): void {
  // Two processes may start at once: each step looks again once it holds the lock.
  while (versionOf(database) < SCHEMA_VERSION) database.transaction(() => step(database));
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

function step(database: Database): void {
  const version = versionOf(database);
  if (version >= SCHEMA_VERSION) return;
  for (const change of MIGRATIONS[version] ?? []) {
    if (typeof change === "string") database.run(change);
    else change(database);
  }
  if (version === 0) database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.run(`PRAGMA user_version = ${version + 1}`);
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

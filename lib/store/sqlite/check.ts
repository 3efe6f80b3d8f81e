import { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { checkVersion, requireCurrentSchema } from "./migrate.ts";

/** Files above this size are not read as a whole when they are opened, in bytes. */
const WHOLE_CHECK_BYTES = 128 * 1024 * 1024;

/** Tables that grow with the tags, also those of older files. */
const LARGE_TABLES =
  "'tag', 'event', 'session', 'tag_uuid_index', 'tag_bump', 'ttp_tag', 'tag_origin', 'tag_name', " +
  "'tag_of_label', 'tag_digest', 'old_tag', 'old_tag_origin', 'old_ttp_tag'";

/** The same while somebody writes into them, who is held up meanwhile. */
const WHOLE_LIVE_CHECK_BYTES = 32 * 1024 * 1024;

/** Small tables: of a large file that is in use they stand for the rest. */
const SMALL_TABLES = ["rule_state", "meta"];

/**
 * Makes sure that a file is consistent. Of one that is larger than 128 MiB it leaves out
 * the tables that grow with the tags: reading them would take too long.
 *
 * @throws {StoreError} `corrupt` when it is not
 */
export function quickCheck(database: Database): void {
  if (bytesOf(database) <= WHOLE_CHECK_BYTES) return check(database, "1");
  const tables = database.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN (${LARGE_TABLES})`,
  ).all<{ name: string }>();
  for (const { name } of tables) check(database, quoted(name));
}

/**
 * The same on a connection of its own, which has read nothing yet, for a file that
 * another connection of this process has open. Of one that is larger than 32 MiB it
 * reads the header, the schema and the smallest tables.
 *
 * @throws {StoreError} when it is damaged, or no longer a database of this program
 */
export function checkLive(path: string): void {
  const database = new Database(path, true);
  try {
    checkVersion(database);
    requireCurrentSchema(database);
    if (bytesOf(database) <= WHOLE_LIVE_CHECK_BYTES) check(database, "1");
    else for (const name of SMALL_TABLES) check(database, quoted(name));
  } finally {
    database.close();
  }
}

function check(database: Database, what: string): void {
  const verdict = database.scalar(`PRAGMA quick_check(${what})`);
  if (verdict === "ok") return;
  throw new StoreError(
    "corrupt",
    `database ${database.file} is damaged (${
      oneLine(verdict)
    }); it is left as it is: move it away and ` +
      "start anew, or save what can be read with `sqlite3 FILE .recover`",
  );
}

function bytesOf(database: Database): number {
  return Number(database.scalar("PRAGMA page_count")) *
    Number(database.scalar("PRAGMA page_size"));
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The verdict without the heading that SQLite puts over it. */
function oneLine(verdict: unknown): string {
  return String(verdict).replace(/^\*\*\* in database main \*\*\*\n/, "").replaceAll("\n", ", ");
}

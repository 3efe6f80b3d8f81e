import { accessSync, constants } from "node:fs";
import { StoreError } from "./errors.ts";

/** Rights of the file: attackers' doings are nobody else's business. */
const MODE = 0o600;

/** Bits of a file's mode that give rights to others. */
const OTHERS = 0o077;

/**
 * Makes sure that a path is a database file that this user may use, and makes
 * an empty one, readable by nobody else, when it is missing and wanted.
 *
 * @throws {StoreError} when it is not
 */
export function claimFile(path: string, access: "create" | "existing" | "read_only"): void {
  const info = statOf(path);
  if (info === undefined) {
    if (access === "create") return createFile(path);
    throw new StoreError("cannot_open", `there is no database ${path}; check the path`);
  }
  if (!info.isFile) throw new StoreError("cannot_open", `${path} is not a regular file`);
  if (access === "read_only") return;
  requireOwner(path, info.uid, userId());
  requireWritable(path);
}

/**
 * Makes sure that what is written is not somebody else's to read or change.
 *
 * @param path file, for the message
 * @param owner user that it belongs to, where files have one
 * @param user who wants to write; root may write for anybody, and SQLite keeps the owner then
 * @throws {StoreError} when it belongs to another user
 */
export function requireOwner(path: string, owner: number | null, user: number | undefined): void {
  if (user === undefined || owner === null || user === 0 || owner === user) return;
  throw new StoreError(
    "cannot_open",
    `database ${path} belongs to user ${owner} and this is user ${user}: ` +
      "run as its owner, or give another path",
  );
}

/** Takes from others the rights to the database and its companions. */
export function secureFile(path: string): void {
  if (Deno.build.os === "windows") return;
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    const mode = statOf(file)?.mode;
    if (mode === undefined || mode === null || (mode & OTHERS) === 0) continue;
    try {
      Deno.chmodSync(file, MODE);
    } catch (error) {
      throw new StoreError(
        "cannot_open",
        `${file} cannot be made private: ${reasonOf(error)}`,
        error,
      );
    }
  }
}

function createFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: MODE }).close();
  } catch (error) {
    // Another process was faster: its file is as good.
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw new StoreError(
      "cannot_open",
      `database ${path} cannot be created: ${
        reasonOf(error)
      }; make its directory, or give another path`,
      error,
    );
  }
}

function requireWritable(path: string): void {
  try {
    // Never by opening it: closing the file again would drop the locks that another connection of
    // this process holds on it (https://sqlite.org/howtocorrupt.html, section 2.2).
    accessSync(path, constants.W_OK);
  } catch (error) {
    // Without the permission to ask, the first row that is written tells.
    if (error instanceof Deno.errors.NotCapable) return;
    throw new StoreError(
      "read_only",
      `database ${path} cannot be written: ${reasonOf(error)}; ` +
        "make the file and its directory writable for this user",
      error,
    );
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new StoreError(
      "cannot_open",
      `database ${path} cannot be reached: ${reasonOf(error)}`,
      error,
    );
  }
}

/** The user's number, or nothing where there is none or it may not be asked for. */
function userId(): number | undefined {
  try {
    return Deno.uid() ?? undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What went wrong with the database; each asks for something else. */
export type StoreErrorCode =
  /** The file cannot be opened or created, or is not this program's. */
  | "cannot_open"
  /** The file is damaged or no database at all. */
  | "corrupt"
  /** A newer version of the program has written the file. */
  | "newer_schema"
  /** An older version has written the file, and it was opened for reading only. */
  | "older_schema"
  /** No room is left on the disk, or the file has reached its limit. */
  | "full"
  /** Another process holds the file longer than the busy timeout. */
  | "locked"
  /** The file or its file system cannot be written. */
  | "read_only"
  /** The operating system failed to read or write. */
  | "io"
  /** The file is no longer at its path. */
  | "moved"
  /** A row breaks a rule of its table. */
  | "constraint"
  /** A tag names neither an attacker nor an identity. */
  | "anchor"
  /** A value is larger than SQLite takes. */
  | "too_big"
  /** Anything else; a defect of this program. */
  | "unexpected";

const TRANSIENT: ReadonlySet<StoreErrorCode> = new Set([
  "full",
  "locked",
  "read_only",
  "io",
  "moved",
]);
const OWN_FAULT: ReadonlySet<StoreErrorCode> = new Set(["constraint", "anchor", "too_big"]);

/** A failure of the database, told apart by `code`. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  /** What went wrong. */
  readonly code: StoreErrorCode;
  /** Whether the same work may succeed later: a full disk is cleared, a lock is let go. */
  readonly transient: boolean;
  /** Whether the data that was to be written is to blame and the database is well. */
  readonly ownFault: boolean;

  /**
   * @param code what went wrong
   * @param message what happened, where, and what to do
   * @param cause the error underneath
   */
  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.transient = TRANSIENT.has(code);
    this.ownFault = OWN_FAULT.has(code);
  }
}

/** Primary result codes of https://sqlite.org/rescode.html and what they mean here. */
const CODES: Readonly<Record<number, StoreErrorCode>> = {
  3: "read_only", // PERM
  5: "locked", // BUSY
  6: "locked", // LOCKED
  7: "io", // NOMEM
  8: "read_only", // READONLY
  10: "io", // IOERR
  11: "corrupt", // CORRUPT
  13: "full", // FULL
  14: "io", // CANTOPEN: once the file is open, its journal cannot be
  18: "too_big", // TOOBIG
  19: "constraint", // CONSTRAINT
  22: "io", // NOLFS
  26: "corrupt", // NOTADB
};

const REMEDIES: Partial<Readonly<Record<StoreErrorCode, string>>> = {
  full: "make room on the disk; work resumes by itself",
  locked: "another process holds the database; work resumes when it lets go",
  read_only: "make the file and its directory writable for this user",
  io: "see whether the disk is full, unwell or mounted read-only",
  corrupt:
    "move the file away and start anew, or save what can be read with `sqlite3 FILE .recover`",
};

/**
 * Turns what SQLite threw into a `StoreError`; the only place that knows its
 * result codes. Anything that is not from SQLite is handed back unchanged.
 *
 * @param error what was caught
 * @param file path of the database, for the message
 */
export function storeErrorOf(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR") return error;
  // The upper bytes of an extended result code refine the lowest one.
  const meaning = typeof errcode === "number"
    ? CODES[errcode & 0xff] ?? "unexpected"
    : "unexpected";
  const remedy = REMEDIES[meaning];
  const message = `database ${file}: ${error.message}${remedy === undefined ? "" : `; ${remedy}`}`;
  return new StoreError(meaning, message, error);
}

import { checkLive } from "./check.ts";
import { CHECKPOINT_PAGES, type Database, type TransactionGuard } from "./database.ts";
import { StoreError } from "./errors.ts";
import { type FileEvent, type FileNotice, fileNotice } from "./file_notice.ts";
import { type FileStat, fileStat } from "./file_stat.ts";
import type { Statement } from "./statement.ts";
import { WalIndex } from "./wal_index.ts";

/** Bytes before the first frame of a write-ahead log, and of a frame's own header. */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * Share of the time that checks may take while other processes change the file all the
 * time, as long as none comes later than the second number, in milliseconds.
 */
const CHECK_SHARE = 1 / 20;
const MAX_CHECK_PAUSE_MS = 1_000;

interface LogRow {
  readonly busy: number;
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * Notices, before a transaction begins and after each commit, that the database is no
 * longer what is read at its path: the file, its write-ahead log or its index were moved,
 * removed, replaced, cut or damaged. What can be put right is put right at once; while
 * it cannot, nothing is written, so that nothing is acknowledged either.
 *
 * It does the checkpoints, since between two of them nobody but another process writes
 * into the file itself: a change of it is a reason to check it.
 */
export class FileGuard implements TransactionGuard {
  readonly #database: Database;
  readonly #checkFile: (path: string) => void;
  readonly #now: () => number;
  #state: Statement;
  readonly #pageBytes: number;
  #main!: FileStat;
  #logId!: string;
  #indexId!: string;
  #index: WalIndex | undefined;
  #framesBefore = 0;
  /** What the last check found; the file is checked again when it has changed. */
  #damage: StoreError | undefined;
  #nextCheckAt = 0;
  #notices: FileNotice[] = [];

  /**
   * @param database open for writing, and not in a transaction; it gets this guard
   * @param checkFile throws when the file at a path is damaged
   * @param now a clock that only runs on, in milliseconds
   */
  constructor(
    database: Database,
    checkFile: (path: string) => void = checkLive,
    now: () => number = () => performance.now(),
  ) {
    this.#database = database;
    this.#checkFile = checkFile;
    this.#now = now;
    this.#pageBytes = Number(database.scalar("PRAGMA page_size"));
    database.configure(() => database.run("PRAGMA wal_autocheckpoint = 0"));
    this.#state = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#adopt();
    database.guard = this;
  }

  /** @throws {StoreError} when nothing may be written */
  beforeTransaction(): void {
    this.#framesBefore = this.verify().log;
  }

  /** @throws {StoreError} when the log was cut since the transaction began */
  beforeCommit(): void {
    const path = `${this.#database.file}-wal`;
    if ((fileStat(path)?.size ?? Infinity) >= this.#logBytes(this.#framesBefore)) return;
    // What a commit writes behind the cut would make the file as long as it was.
    throw new StoreError("io", `the write-ahead log ${path} was cut`);
  }

  /** @throws {StoreError} when what was written is not where it will be read */
  afterCommit(): void {
    const { log, checkpointed } = this.verify();
    if (log - checkpointed >= CHECKPOINT_PAGES) this.checkpoint("PASSIVE");
  }

  /**
   * Looks at the files, and puts right what can be.
   *
   * @returns how much is in the write-ahead log
   * @throws {StoreError} when the database is not what is at its path, or has lost something
   */
  verify(): LogRow {
    const { file } = this.#database;
    const index = fileStat(`${file}-shm`);
    // First of all: nothing of the database can be read as long as its index is cut.
    if (index?.id === this.#indexId && this.#index?.restore(index.size)) this.#note("index_cut");
    const main = fileStat(file);
    if (main?.id !== this.#main.id) throw this.#moved();
    if (index?.id !== this.#indexId) this.#indexRemoved();
    if (fileStat(`${file}-wal`)?.id !== this.#logId) this.#logRemoved();
    const state = this.#requireWholeLog();
    if (!sameContent(main, this.#main)) this.#check(main);
    if (this.#damage !== undefined) throw this.#damage;
    return state;
  }

  /**
   * Moves the write-ahead log into the file, as far as nobody reads the old state.
   *
   * @returns whether all of it was moved
   * @throws {StoreError} as `verify()` does
   */
  checkpoint(mode: "PASSIVE" | "TRUNCATE"): boolean {
    this.verify();
    const done = this.#moveLog(mode);
    this.verify();
    return done;
  }

  /** Hands over what happened since the last time. */
  takeNotices(): readonly FileNotice[] {
    return this.#notices.splice(0);
  }

  /**
   * Writes what only this connection can still read, because nothing is at the path any
   * more, into a file beside it.
   *
   * @returns path of that file; nothing when the database is where it should be
   * @throws {StoreError} when it could not be written
   */
  async saveRemoved(): Promise<string | undefined> {
    const { file } = this.#database;
    if (fileStat(file) !== undefined) return undefined;
    const path = `${file}.saved-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`;
    await this.#database.copyTo(path);
    return path;
  }

  /** Lets go of the files; after the connection is closed. */
  close(): void {
    this.#index?.[Symbol.dispose]();
    this.#index = undefined;
  }

  #moveLog(mode: "PASSIVE" | "TRUNCATE"): boolean {
    const row = this.#database.prepare(`PRAGMA wal_checkpoint(${mode})`).get<LogRow>();
    return row !== undefined && row.busy === 0 && row.log === row.checkpointed;
  }

  /** What is in the open file is made whole, for whoever puts it back or opens it elsewhere. */
  #moved(): StoreError {
    const { file } = this.#database;
    if (fileStat(`${file}-wal`)?.id === this.#logId && this.#stateOf().log > 0) {
      this.#moveLog("TRUNCATE");
    }
    return new StoreError(
      "moved",
      `database ${file} was moved, removed or replaced; put it back, or start the worker ` +
        "again for a new one",
    );
  }

  /** The connection still has the log open: nothing of it is lost. */
  #logRemoved(): void {
    const { file } = this.#database;
    if ((fileStat(`${file}-wal`)?.size ?? 0) > 0) {
      throw new StoreError(
        "moved",
        `the write-ahead log ${file}-wal was replaced and another process writes into the new ` +
          "one; put the old one back",
      );
    }
    const { log, checkpointed } = this.#stateOf();
    if (!this.#moveLog("TRUNCATE")) {
      throw new StoreError(
        "locked",
        `the write-ahead log ${file}-wal was removed and cannot be saved while another process ` +
          "reads the database; it is tried again",
      );
    }
    this.#reopen();
    this.#note("log_removed", log - checkpointed);
  }

  #indexRemoved(): void {
    this.#index?.invalidate();
    this.#reopen();
    this.#note("index_removed");
  }

  /** @throws {StoreError} when the file is shorter than what the index says is in it */
  #requireWholeLog(): LogRow {
    const path = `${this.#database.file}-wal`;
    let state = this.#stateOf();
    let size = fileStat(path)?.size ?? 0;
    if (size < this.#logBytes(state.log)) {
      // Another process may have cut it in good order between the two looks.
      state = this.#stateOf();
      size = fileStat(path)?.size ?? 0;
    }
    if (size >= this.#logBytes(state.log)) return state;
    const left = Math.floor((size - LOG_HEADER_BYTES) / (this.#pageBytes + FRAME_HEADER_BYTES));
    // Pages that are older than those which were moved already would not fit to them.
    const usable = left >= state.checkpointed ? Math.max(0, left) : 0;
    if (usable === 0) Deno.truncateSync(path, 0);
    this.#index?.invalidate();
    this.#reopen();
    const lostPages = state.checkpointed === state.log ? 0 : state.log - usable;
    const text = this.#note("log_cut", lostPages);
    // What was moved while a reader was in the way is no whole without the rest.
    if (state.checkpointed > usable) this.#check(this.#main, true);
    if (lostPages > 0) throw this.#damage ?? new StoreError("io", text);
    return this.#stateOf();
  }

  #logBytes(frames: number): number {
    if (frames === 0) return 0;
    return LOG_HEADER_BYTES + frames * (this.#pageBytes + FRAME_HEADER_BYTES);
  }

  #stateOf(): LogRow {
    return this.#state.get<LogRow>() ?? { busy: 0, log: 0, checkpointed: 0 };
  }

  /** Another process may have moved the log into the file, or somebody has damaged it. */
  #check(main: FileStat, atOnce: boolean = main.size < this.#main.size): void {
    const startedAt = this.#now();
    if (startedAt < this.#nextCheckAt && !atOnce && this.#damage === undefined) return;
    const before = this.#damage;
    this.#damage = undefined;
    try {
      // SQLite takes an empty file for a new database, and removes its log.
      if (main.size < this.#pageBytes) throw new Error(`it has ${main.size} bytes`);
      this.#checkFile(this.#database.file);
    } catch (error) {
      if (error instanceof StoreError && error.code === "locked") return;
      const reason = error instanceof Error ? error.message : String(error);
      this.#damage = error instanceof StoreError ? error : new StoreError(
        "corrupt",
        `database ${this.#database.file} is damaged: ${reason}; nothing is written until it is ` +
          "replaced by a good one",
      );
    }
    this.#main = main;
    const endedAt = this.#now();
    const pause = (endedAt - startedAt) / CHECK_SHARE;
    this.#nextCheckAt = endedAt + Math.min(pause, MAX_CHECK_PAUSE_MS);
    if (before !== undefined && this.#damage === undefined) this.#reopen();
  }

  #reopen(): void {
    const { file } = this.#database;
    // A connection would make a new file where there is none.
    if (fileStat(file)?.id !== this.#main.id) throw this.#moved();
    this.#database.reopen(() => this.close());
    this.#adopt();
  }

  /** Takes the files at the path for those that the connection has open. */
  #adopt(): void {
    const { file } = this.#database;
    this.#state.get();
    const [main, log, index] = ["", "-wal", "-shm"].map((end) => fileStat(`${file}${end}`));
    if (main === undefined || log === undefined || index === undefined) throw this.#moved();
    this.#main = main;
    this.#logId = log.id;
    this.#indexId = index.id;
    this.#index = new WalIndex(`${file}-shm`);
    this.#index.restore(index.size);
  }

  #note(event: FileEvent, pages: number = 0): string {
    const notice = fileNotice(this.#database.file, event, pages);
    this.#notices.push(notice);
    return notice.text;
  }
}

function sameContent(a: FileStat, b: FileStat): boolean {
  return a.size === b.size && a.writtenAt === b.writtenAt;
}

import type { Database } from "../sqlite/database.ts";
import { type Retention, timeOrNever } from "./retention.ts";
import type { Statement } from "../sqlite/statement.ts";

/** A message that can never be worked off. */
export interface NewDeadLetter {
  /** Subject that it arrived on. */
  readonly topic: string;
  /** Why it cannot. */
  readonly reason: string;
  /** The message, or its beginning. */
  readonly excerpt: string;
  /** The whole message as a file, where there is one. */
  readonly file?: string;
  readonly at: Date;
}

/** A message that was given up. */
export interface DeadLetter {
  readonly id: number;
  readonly topic: string;
  readonly reason: string;
  readonly excerpt: string;
  /** UTC, ISO 8601. */
  readonly at: string;
  /** The whole message as a file of {@linkcode DeadLetterFiles}, where there is one. */
  readonly file?: string;
}

interface LetterRow extends Omit<DeadLetter, "file"> {
  readonly file: string | null;
}

/** Bytes of a message that are kept. */
export const MAX_EXCERPT_BYTES = 4096;

/**
 * Messages that are kept; a flood of poison pushes out its own beginning and
 * takes 40 MiB at most.
 */
export const MAX_DEAD_LETTERS = 10_000;

const MAX_REASON_CHARACTERS = 1000;
const MAX_TOPIC_CHARACTERS = 512;
const COLUMNS = "id, topic, reason, excerpt, at, file";

/** The table `dead_letter`: what was given up, and why. */
export class DeadLetterTable {
  readonly #database: Database;
  readonly #add: Statement;
  readonly #pruneMany: Statement;
  readonly #pruneOld: Statement;
  readonly #list: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;
  readonly #removeNaming: Statement;
  readonly #count: Statement;
  readonly #retry: Statement;
  readonly #resend: Statement;
  readonly #files: Statement;
  readonly #removeFile: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      "INSERT INTO dead_letter (topic, reason, excerpt, at, file) VALUES (?, ?, ?, ?, ?)",
    );
    this.#pruneMany = database.prepare(
      "DELETE FROM dead_letter WHERE id <= (SELECT max(id) FROM dead_letter) - ?",
    );
    this.#pruneOld = database.prepare("DELETE FROM dead_letter WHERE at < ?");
    this.#list = database.prepare(
      `SELECT ${COLUMNS} FROM dead_letter WHERE id < ? ORDER BY id DESC LIMIT ?`,
    );
    this.#get = database.prepare(`SELECT ${COLUMNS} FROM dead_letter WHERE id = ?`);
    this.#removeNaming = database.prepare(
      "DELETE FROM dead_letter WHERE instr(excerpt, ?) > 0",
    );
    this.#remove = database.prepare("DELETE FROM dead_letter WHERE id = ?");
    this.#count = database.prepare("SELECT count(*) AS letters FROM dead_letter");
    this.#retry = database.prepare(
      `INSERT INTO parked_event (topic, envelope, ip, first_seen, next_at)
        SELECT topic, coalesce(?4, excerpt), ?2, ?3, ?3 FROM dead_letter WHERE id = ?1
        RETURNING id`,
    );
    this.#files = database.prepare("SELECT file FROM dead_letter WHERE file IS NOT NULL");
    this.#removeFile = database.prepare("DELETE FROM dead_letter WHERE file = ?");
    this.#resend = database.prepare(
      `INSERT INTO outbox (messages, total, created_at)
        SELECT ?2 || ' ' || topic || ' ' || replace(excerpt, char(10), ' '), 1, ?3
        FROM dead_letter WHERE id = ?1`,
    );
  }

  /** Keeps a message, cut to 4 KiB, in the place of the oldest when there are very many. */
  add({ topic, reason, excerpt, at, file }: NewDeadLetter): void {
    this.#database.together(() => {
      this.#add.run(
        topic.slice(0, MAX_TOPIC_CHARACTERS),
        reason.slice(0, MAX_REASON_CHARACTERS),
        cutToBytes(excerpt, MAX_EXCERPT_BYTES),
        at.toISOString(),
        file ?? null,
      );
      this.#pruneMany.run(MAX_DEAD_LETTERS);
    });
  }

  /**
   * Messages that were given up, newest first.
   *
   * @param limit at most so many
   * @param before only those with a smaller id
   */
  list(limit: number, before: number = Number.MAX_SAFE_INTEGER): readonly DeadLetter[] {
    return this.#list.all<LetterRow>(before, limit).map(letterOf);
  }

  /** One of them. */
  get(id: number): DeadLetter | undefined {
    const row = this.#get.get<LetterRow>(id);
    return row === undefined ? undefined : letterOf(row);
  }

  /** Removes some and says how many of them there were. */
  remove(ids: readonly number[]): number {
    return this.#database.together(() =>
      ids.reduce((removed, id) => removed + this.#remove.run(id), 0)
    );
  }

  /** Files that are named by any of them. */
  files(): ReadonlySet<string> {
    return new Set(this.#files.all<{ file: string }>().map(({ file }) => file));
  }

  /** Removes the messages whose whole is in a file, and says how many there were. */
  removeFile(file: string): number {
    return this.#removeFile.run(file);
  }

  /** Removes messages in which a text is the whole of a JSON string, and says how many. */
  removeNaming(text: string): number {
    return this.#removeNaming.run(JSON.stringify(text));
  }

  /**
   * Puts a message among the parked events, where the worker tries it again.
   *
   * @param ip address that its payload names, or empty
   * @param whole the message where the row has its beginning alone
   * @returns id of the parked event, or nothing when there was no such message
   */
  retry(id: number, ip: string, at: Date, whole?: string): number | undefined {
    return this.#database.together(() => {
      const parked = this.#retry.get<{ id: number }>(id, ip, at.toISOString(), whole ?? null);
      this.#remove.run(id);
      return parked?.id;
    });
  }

  /**
   * Puts an announcement that the bus refused back among those that wait to be sent.
   *
   * @param messageId goes out as `Nats-Msg-Id`
   * @returns whether there was such a message
   */
  resend(id: number, messageId: string, at: Date): boolean {
    return this.#database.together(() =>
      this.#resend.run(id, messageId, at.toISOString()) > 0 && this.#remove.run(id) > 0
    );
  }

  /** Messages that are kept. */
  count(): number {
    return this.#count.get<{ letters: number }>()?.letters ?? 0;
  }

  /**
   * Removes messages that are too old, and the oldest of too many.
   *
   * @returns how many
   */
  prune({ maxRows, olderThan }: Retention): number {
    return this.#database.together(() =>
      this.#pruneOld.run(timeOrNever(olderThan)) + this.#pruneMany.run(maxRows)
    );
  }
}

function letterOf({ file, ...row }: LetterRow): DeadLetter {
  return file === null ? row : { ...row, file };
}

/** The beginning of a text, cut between characters; SQLite's texts end at a NUL, so none stays. */
function cutToBytes(text: string, bytes: number): string {
  const clean = text.slice(0, bytes).replaceAll("\0", "\ufffd");
  const buffer = new Uint8Array(bytes);
  return clean.slice(0, new TextEncoder().encodeInto(clean, buffer).read);
}

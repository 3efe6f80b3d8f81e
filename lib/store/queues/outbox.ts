import type { Database } from "../sqlite/database.ts";
import { Redating } from "./redating.ts";
import { type Retention, timeOrNever } from "./retention.ts";
import type { Statement } from "../sqlite/statement.ts";

/** A message that is to be sent. */
export interface NewOutboxItem {
  /** Goes out as `Nats-Msg-Id`; has no space in it. */
  readonly id: string;
  /** Has no space in it either. */
  readonly subject: string;
  /** Body of the message: JSON, in which a line break means no more than a space. */
  readonly payload: string;
}

/** A message that waits. */
export interface OutboxItem extends NewOutboxItem {
  /** Place of the messages that came together with it. */
  readonly seq: number;
  /** Place among them, from 0. */
  readonly index: number;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
}

/** Rows that are read at a time; most have several messages. */
const ROWS_AT_A_TIME = 128;

interface BundleRow {
  readonly seq: number;
  readonly messages: string;
  readonly sent: number;
  readonly createdAt: string;
}

/**
 * The table `outbox`: announcements that wait for the bus, in order. Those that
 * come together are one row, which takes a third of the time of a row for each.
 */
export class OutboxTable {
  readonly #database: Database;
  readonly #add: Statement;
  readonly #oldest: Statement;
  readonly #remove: Statement;
  readonly #note: Statement;
  readonly #removeSent: Statement;
  readonly #removeNaming: Statement;
  readonly #count: Statement;
  readonly #redating: Redating;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      "INSERT INTO outbox (messages, total, created_at) VALUES (?, ?, ?)",
    );
    this.#oldest = database.prepare(
      `SELECT seq, messages, sent, created_at AS createdAt FROM outbox
        WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    this.#remove = database.prepare("DELETE FROM outbox WHERE seq >= ? AND seq < ?");
    this.#note = database.prepare("UPDATE outbox SET sent = ? WHERE seq = ?");
    this.#removeSent = database.prepare("DELETE FROM outbox WHERE seq = ? AND sent >= total");
    this.#removeNaming = database.prepare(
      "DELETE FROM outbox WHERE instr(messages, ?) > 0 RETURNING total - sent AS items",
    );
    this.#redating = new Redating(database, "outbox", "created_at", []);
    this.#count = database.prepare("SELECT coalesce(sum(total - sent), 0) AS items FROM outbox");
    this.#pruneOld = database.prepare(
      "DELETE FROM outbox WHERE created_at < ? RETURNING total - sent AS items",
    );
    this.#pruneMany = database.prepare(
      `DELETE FROM outbox WHERE seq <= (
          SELECT max(seq) FROM (
            SELECT seq, sum(total - sent) OVER (ORDER BY seq DESC) AS items FROM outbox
          ) WHERE items > ?
        ) RETURNING total - sent AS items`,
    );
  }

  /** Adds messages behind those that wait. */
  add(items: readonly NewOutboxItem[], at: Date): void {
    if (items.length === 0) return;
    const lines = items.map(({ id, subject, payload }) =>
      `${id} ${subject} ${payload.includes("\n") ? payload.replaceAll("\n", " ") : payload}`
    );
    this.#add.run(lines.join("\n"), lines.length, at.toISOString());
  }

  /**
   * The messages that have waited longest, in the order in which they were added.
   *
   * @param limit at most so many
   */
  oldest(limit: number): readonly OutboxItem[] {
    const items: OutboxItem[] = [];
    for (let after = 0; items.length < limit;) {
      const rows = Math.min(limit - items.length, ROWS_AT_A_TIME);
      const bundles = this.#oldest.all<BundleRow>(after, rows);
      for (const bundle of bundles) items.push(...messagesOf(bundle));
      if (bundles.length < rows) break;
      after = bundles.at(-1)!.seq;
    }
    return items.slice(0, limit);
  }

  /**
   * Removes messages that the bus has confirmed.
   *
   * @param items as `oldest()` gave them: all from the first to the last of them go
   */
  remove(items: readonly OutboxItem[]): void {
    const [first, last] = [items[0], items.at(-1)];
    if (first === undefined || last === undefined) return;
    this.#database.together(() => {
      this.#remove.run(first.seq, last.seq);
      this.#note.run(last.index + 1, last.seq);
      this.#removeSent.run(last.seq);
    });
  }

  /**
   * Removes messages in which a text is the whole of a JSON string, with those that
   * came together with them, and says how many.
   */
  removeNaming(text: string): number {
    return sumOf(this.#removeNaming.all(JSON.stringify(text)));
  }

  /** Moves the times of what waits along with a clock that was set forward by so many milliseconds, or back. */
  redate(jumpMs: number, now: Date): void {
    this.#redating.move(jumpMs, now);
  }

  /** Messages that wait. */
  count(): number {
    return this.#count.get<{ items: number }>()?.items ?? 0;
  }

  /**
   * Gives up messages that are too old, and the oldest of too many, with those that
   * came together with them.
   *
   * @returns how many
   */
  prune({ maxRows, olderThan }: Retention): number {
    return this.#database.together(() =>
      sumOf(this.#pruneOld.all(timeOrNever(olderThan))) +
      (this.count() > maxRows ? sumOf(this.#pruneMany.all(maxRows)) : 0)
    );
  }
}

function messagesOf({ seq, messages, sent, createdAt }: BundleRow): readonly OutboxItem[] {
  return messages.split("\n").map((line, index) => {
    const idEnd = line.indexOf(" ");
    const subjectEnd = line.indexOf(" ", idEnd + 1);
    return {
      ...{ seq, index, createdAt },
      id: line.slice(0, idEnd),
      subject: line.slice(idEnd + 1, subjectEnd),
      payload: line.slice(subjectEnd + 1),
    };
  }).slice(sent);
}

function sumOf(rows: readonly { readonly items: number }[]): number {
  return rows.reduce((sum, { items }) => sum + items, 0);
}

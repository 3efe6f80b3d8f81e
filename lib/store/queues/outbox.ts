import type { Database } from "../sqlite/database.ts";
import { Redating } from "./redating.ts";
import { NO_LIMIT, type QueueSize, type Retention, timeOrNever } from "./retention.ts";
import { SetAsideTable } from "./set_aside.ts";
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

interface SizedRow {
  readonly seq: number;
  readonly items: number;
  readonly bytes: number;
}

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
  /** Announcements that the bus refused. */
  readonly setAside: SetAsideTable;
  readonly #database: Database;
  readonly #add: Statement;
  readonly #sizes: Statement;
  readonly #oldest: Statement;
  readonly #remove: Statement;
  readonly #note: Statement;
  readonly #removeSent: Statement;
  readonly #removeNaming: Statement;
  readonly #size: Statement;
  readonly #redating: Redating;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.setAside = new SetAsideTable(database);
    this.#add = database.prepare(
      "INSERT INTO outbox (messages, total, created_at) VALUES (?, ?, ?)",
    );
    // The length of a text is in the head of its row: what is too much is not read.
    this.#sizes = database.prepare(
      `SELECT seq, total - sent AS items, octet_length(messages) AS bytes FROM outbox
        ORDER BY seq LIMIT ?`,
    );
    this.#oldest = database.prepare(
      `SELECT seq, messages, sent, created_at AS createdAt FROM outbox
        WHERE seq <= ? ORDER BY seq`,
    );
    this.#remove = database.prepare("DELETE FROM outbox WHERE seq >= ? AND seq < ?");
    this.#note = database.prepare("UPDATE outbox SET sent = ? WHERE seq = ?");
    this.#removeSent = database.prepare("DELETE FROM outbox WHERE seq = ? AND sent >= total");
    this.#removeNaming = database.prepare(
      "DELETE FROM outbox WHERE instr(messages, ?) > 0 RETURNING total - sent AS items",
    );
    this.#redating = new Redating(database, "outbox", "created_at", []);
    this.#size = database.prepare(
      `SELECT coalesce(sum(total - sent), 0) AS messages,
          coalesce(sum(octet_length(messages)), 0) AS bytes
        FROM outbox`,
    );
    this.#pruneOld = database.prepare(
      "DELETE FROM outbox WHERE created_at < ? RETURNING total - sent AS items",
    );
    this.#pruneMany = database.prepare(
      `DELETE FROM outbox WHERE seq <= (
          SELECT max(seq) FROM (
            SELECT seq, sum(total - sent) OVER newest AS items,
              sum(octet_length(messages)) OVER newest AS bytes
            FROM outbox WINDOW newest AS (ORDER BY seq DESC)
          ) WHERE items > ? OR bytes > ?
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
   * @param maxBytes no more once their payloads together have so many bytes
   */
  oldest(limit: number, maxBytes: number = NO_LIMIT): readonly OutboxItem[] {
    let [last, items, bytes] = [0, 0, 0];
    for (const row of this.#sizes.all<SizedRow>(limit)) {
      last = row.seq;
      items += row.items;
      bytes += row.bytes;
      if (items >= limit || bytes >= maxBytes) break;
    }
    const oldest = this.#oldest.all<BundleRow>(last).flatMap(messagesOf).slice(0, limit);
    let taken = 0;
    const end = oldest.findIndex(({ payload }, index) => {
      taken += payload.length;
      return index > 0 && taken > maxBytes;
    });
    return end < 0 ? oldest : oldest.slice(0, end);
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
    return this.#database.together(() =>
      sumOf(this.#removeNaming.all(JSON.stringify(text))) + this.setAside.removeNaming(text)
    );
  }

  /** Moves the times of what waits along with a clock that was set forward by so many milliseconds, or back. */
  redate(jumpMs: number, now: Date): void {
    this.#redating.move(jumpMs, now);
    this.setAside.redate(jumpMs, now);
  }

  /** Messages that wait, those that are set aside included. */
  count(): number {
    return this.size().messages + this.setAside.size().messages;
  }

  /** Messages that wait to be sent, and the bytes of what is kept of them. */
  size(): QueueSize {
    return { ...this.#size.get<QueueSize>()! };
  }

  /**
   * Gives up messages that are too old, and the oldest of too many, with those that
   * came together with them. What is set aside has the room that what waits leaves.
   *
   * @returns how many
   */
  prune({ maxRows, maxBytes = NO_LIMIT, olderThan }: Retention): number {
    return this.#database.together(() => {
      let dropped = sumOf(this.#pruneOld.all(timeOrNever(olderThan)));
      let { messages, bytes } = this.size();
      if (messages > maxRows || bytes > maxBytes) {
        dropped += sumOf(this.#pruneMany.all(maxRows, maxBytes));
        ({ messages, bytes } = this.size());
      }
      const rest = { maxRows: maxRows - messages, maxBytes: maxBytes - bytes };
      return dropped + this.setAside.prune({ ...rest, ...(olderThan && { olderThan }) });
    });
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

import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import { Redating } from "./redating.ts";
import { NO_LIMIT, type QueueSize, type Retention, timeOrNever } from "./retention.ts";

/** A message that the bus did not take, with why. */
export interface NewSetAsideItem {
  /** Goes out as `Nats-Msg-Id`. */
  readonly id: string;
  readonly subject: string;
  /** Body of the message. */
  readonly payload: string;
  /** Short name of the reason, e.g. `not_permitted`. */
  readonly reason: string;
  /** What happened and what to do. */
  readonly detail: string;
  /** When it was announced: UTC, ISO 8601. */
  readonly createdAt: string;
}

/** A message that is set aside. */
export interface SetAsideItem extends NewSetAsideItem {
  readonly seq: number;
}

/** Messages on one subject that are set aside for one reason. */
export interface SetAsideGroup {
  readonly subject: string;
  readonly reason: string;
  /** What was said of one of them. */
  readonly detail: string;
  readonly messages: number;
}

interface SizedRow {
  readonly seq: number;
  readonly bytes: number;
}

/**
 * The table `outbox_set_aside`: announcements that the bus refused, out of the way
 * of those that it takes, until it takes them too.
 */
export class SetAsideTable {
  readonly #database: Database;
  readonly #add: Statement;
  readonly #groups: Statement;
  readonly #inOrder: Statement;
  readonly #bySize: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;
  readonly #change: Statement;
  readonly #removeNaming: Statement;
  readonly #size: Statement;
  readonly #redating: Redating;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO outbox_set_aside (id, subject, payload, reason, detail, created_at)
        VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#groups = database.prepare(
      `SELECT subject, reason, max(detail) AS detail, count(*) AS messages
        FROM outbox_set_aside GROUP BY subject, reason ORDER BY min(seq)`,
    );
    const sized = `SELECT seq, octet_length(payload) AS bytes FROM outbox_set_aside
      WHERE subject = ? AND reason = ?`;
    this.#inOrder = database.prepare(`${sized} ORDER BY seq LIMIT ?`);
    this.#bySize = database.prepare(`${sized} ORDER BY bytes, seq LIMIT ?`);
    this.#get = database.prepare(
      `SELECT seq, id, subject, payload, reason, detail, created_at AS createdAt
        FROM outbox_set_aside WHERE seq = ?`,
    );
    this.#remove = database.prepare("DELETE FROM outbox_set_aside WHERE seq = ?");
    this.#change = database.prepare(
      "UPDATE outbox_set_aside SET reason = ?, detail = ? WHERE seq = ?",
    );
    this.#removeNaming = database.prepare(
      "DELETE FROM outbox_set_aside WHERE instr(payload, ?) > 0",
    );
    this.#size = database.prepare(
      `SELECT count(*) AS messages, coalesce(sum(octet_length(payload)), 0) AS bytes
        FROM outbox_set_aside`,
    );
    this.#redating = new Redating(database, "outbox_set_aside", "created_at", []);
    this.#pruneOld = database.prepare("DELETE FROM outbox_set_aside WHERE created_at < ?");
    this.#pruneMany = database.prepare(
      `DELETE FROM outbox_set_aside WHERE seq <= (
          SELECT max(seq) FROM (
            SELECT seq, count(*) OVER newest AS messages,
              sum(octet_length(payload)) OVER newest AS bytes
            FROM outbox_set_aside WINDOW newest AS (ORDER BY seq DESC)
          ) WHERE messages > ? OR bytes > ?
        )`,
    );
  }

  /** Adds messages behind those of their subject and reason. */
  add(items: readonly NewSetAsideItem[]): void {
    this.#database.together(() => {
      for (const { id, subject, payload, reason, detail, createdAt } of items) {
        this.#add.run(id, subject, payload, reason, detail, createdAt);
      }
    });
  }

  /** What is set aside, by subject and reason; that which was set aside first comes first. */
  groups(): readonly SetAsideGroup[] {
    return this.#groups.all<SetAsideGroup>().map((row) => ({ ...row }));
  }

  /**
   * Messages of one group, in the order in which they were set aside, or the smallest
   * first.
   *
   * @param limit at most so many
   * @param maxBytes no more once their payloads together have so many bytes
   */
  next(
    { subject, reason }: Pick<SetAsideGroup, "subject" | "reason">,
    order: "oldest" | "smallest",
    limit: number,
    maxBytes: number = NO_LIMIT,
  ): readonly SetAsideItem[] {
    const statement = order === "oldest" ? this.#inOrder : this.#bySize;
    const items: SetAsideItem[] = [];
    let bytes = 0;
    for (const row of statement.all<SizedRow>(subject, reason, limit)) {
      if (items.length > 0 && bytes + row.bytes > maxBytes) break;
      bytes += row.bytes;
      items.push({ ...this.#get.get<SetAsideItem>(row.seq)! });
    }
    return items;
  }

  /** Removes messages that the bus has confirmed. */
  remove(items: readonly SetAsideItem[]): void {
    this.#database.together(() => {
      for (const { seq } of items) this.#remove.run(seq);
    });
  }

  /** Gives a message another reason; it stays where it is. */
  change({ seq }: SetAsideItem, reason: string, detail: string): void {
    this.#change.run(reason, detail, seq);
  }

  /** Removes messages in which a text is the whole of a JSON string, and says how many. */
  removeNaming(text: string): number {
    return this.#removeNaming.run(JSON.stringify(text));
  }

  /** Moves the times of what is set aside along with a clock that was set. */
  redate(jumpMs: number, now: Date): void {
    this.#redating.move(jumpMs, now);
  }

  /** Messages that are set aside, and the bytes of their payloads. */
  size(): QueueSize {
    return { ...this.#size.get<QueueSize>()! };
  }

  /** Gives up messages that are too old, and the oldest of too many, and says how many. */
  prune({ maxRows, maxBytes = NO_LIMIT, olderThan }: Retention): number {
    return this.#database.together(() => {
      const tooOld = this.#pruneOld.run(timeOrNever(olderThan));
      const { messages, bytes } = this.size();
      if (messages <= maxRows && bytes <= maxBytes) return tooOld;
      return tooOld + this.#pruneMany.run(maxRows, maxBytes);
    });
  }
}

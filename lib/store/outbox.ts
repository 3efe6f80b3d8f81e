import type { Database } from "./database.ts";
import { Redating } from "./redating.ts";
import { type Retention, timeOrNever } from "./retention.ts";
import type { Statement } from "./statement.ts";

/** A message that is to be sent. */
export interface NewOutboxItem {
  /** Goes out as `Nats-Msg-Id`. */
  readonly id: string;
  readonly subject: string;
  /** Body of the message. */
  readonly payload: string;
}

/** A message that waits. */
export interface OutboxItem extends NewOutboxItem {
  /** Its place in the order. */
  readonly seq: number;
  /** UTC, ISO 8601. */
  readonly createdAt: string;
}

/** The table `outbox`: announcements that wait for the bus, in order. */
export class OutboxTable {
  readonly #database: Database;
  readonly #add: Statement;
  readonly #oldest: Statement;
  readonly #remove: Statement;
  readonly #removeNaming: Statement;
  readonly #count: Statement;
  readonly #redating: Redating;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      "INSERT INTO outbox (id, subject, payload, created_at, next_at) VALUES (?, ?, ?, ?4, ?4)",
    );
    this.#oldest = database.prepare(
      `SELECT seq, id, subject, payload, created_at AS createdAt FROM outbox ORDER BY seq LIMIT ?`,
    );
    this.#removeNaming = database.prepare(
      "DELETE FROM outbox WHERE instr(payload, ?) > 0",
    );
    this.#remove = database.prepare("DELETE FROM outbox WHERE seq >= ? AND seq <= ?");
    this.#redating = new Redating(database, "outbox", "created_at", ["next_at"]);
    this.#count = database.prepare("SELECT count(*) AS items FROM outbox");
    this.#pruneOld = database.prepare("DELETE FROM outbox WHERE created_at < ?");
    this.#pruneMany = database.prepare(
      "DELETE FROM outbox WHERE seq <= (SELECT seq FROM outbox ORDER BY seq DESC LIMIT 1 OFFSET ?)",
    );
  }

  /** Adds messages behind those that wait. */
  add(items: readonly NewOutboxItem[], at: Date): void {
    const createdAt = at.toISOString();
    this.#database.together(() => {
      for (const { id, subject, payload } of items) this.#add.run(id, subject, payload, createdAt);
    });
  }

  /**
   * The messages that have waited longest, in the order in which they were added.
   *
   * @param limit at most so many
   */
  oldest(limit: number): readonly OutboxItem[] {
    return this.#oldest.all<OutboxItem>(limit).map((row) => ({ ...row }));
  }

  /**
   * Removes messages that the bus has confirmed.
   *
   * @param items as `oldest()` gave them: all from the first to the last of them go
   */
  remove(items: readonly OutboxItem[]): void {
    const [first, last] = [items[0], items.at(-1)];
    if (first !== undefined && last !== undefined) this.#remove.run(first.seq, last.seq);
  }

  /** Removes messages in which a text is the whole of a JSON string, and says how many. */
  removeNaming(text: string): number {
    return this.#removeNaming.run(JSON.stringify(text));
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
   * Gives up messages that are too old, and the oldest of too many.
   *
   * @returns how many
   */
  prune({ maxRows, olderThan }: Retention): number {
    return this.#database.together(() =>
      this.#pruneOld.run(timeOrNever(olderThan)) + this.#pruneMany.run(maxRows)
    );
  }
}

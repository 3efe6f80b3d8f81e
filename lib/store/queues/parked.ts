import type { Database } from "../sqlite/database.ts";
import { TableBound } from "./table_bound.ts";
import { Redating } from "./redating.ts";
import { type Retention, timeOrNever } from "./retention.ts";
import type { Statement } from "../sqlite/statement.ts";

/** An event whose attacker is not known. */
export interface NewParkedEvent {
  /** Subject that it arrived on. */
  readonly topic: string;
  /** The message as it came. */
  readonly envelope: string;
  /** Address whose attacker it waits for; empty when it waits for its next try alone. */
  readonly ip: string;
  readonly at: Date;
}

/** An event that waits. */
export interface ParkedEvent {
  readonly id: number;
  readonly topic: string;
  readonly envelope: string;
  readonly ip: string;
  /** Tries so far. */
  readonly attempts: number;
  /** UTC, ISO 8601. */
  readonly firstSeen: string;
}

const SELECTED = "id, topic, envelope, ip, attempts, first_seen AS firstSeen";

/** The table `parked_event`: events that wait until their attacker is known. */
export class ParkedTable {
  /** The events that have waited longest go first. */
  readonly bound: TableBound;
  readonly #database: Database;
  readonly #add: Statement;
  readonly #byIp: Statement;
  readonly #knownAddresses: Statement;
  readonly #due: Statement;
  readonly #remove: Statement;
  readonly #removeByIp: Statement;
  readonly #postpone: Statement;
  readonly #count: Statement;
  readonly #redating: Redating;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.bound = new TableBound(database, {
      table: "parked_event",
      order: "id",
      bytes: "octet_length(topic) + octet_length(envelope)",
      maxRows: 50_000,
      maxBytes: 256 * 1024 * 1024,
    });
    this.#add = database.prepare(
      `INSERT INTO parked_event (topic, envelope, ip, first_seen, next_at)
        VALUES (?, ?, ?, ?4, ?4)`,
    );
    this.#byIp = database.prepare(
      `SELECT ${SELECTED} FROM parked_event WHERE ip = ? ORDER BY id LIMIT ?`,
    );
    this.#knownAddresses = database.prepare(
      `SELECT DISTINCT ip FROM parked_event
        WHERE EXISTS (SELECT 1 FROM address WHERE address.ip = parked_event.ip AND current)`,
    );
    this.#due = database.prepare(
      `SELECT ${SELECTED} FROM parked_event WHERE next_at <= ? ORDER BY next_at, id LIMIT ?`,
    );
    this.#remove = database.prepare("DELETE FROM parked_event WHERE id = ?");
    this.#removeByIp = database.prepare("DELETE FROM parked_event WHERE ip = ?");
    this.#postpone = database.prepare(
      "UPDATE parked_event SET attempts = attempts + 1, next_at = ? WHERE id = ?",
    );
    this.#redating = new Redating(database, "parked_event", "first_seen", ["next_at"]);
    this.#count = database.prepare("SELECT count(*) AS events FROM parked_event");
    this.#pruneOld = database.prepare("DELETE FROM parked_event WHERE first_seen < ?");
    this.#pruneMany = database.prepare(
      `DELETE FROM parked_event
        WHERE id <= (SELECT id FROM parked_event ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    );
  }

  /** Parks an event. */
  add({ topic, envelope, ip, at }: NewParkedEvent): void {
    this.#add.run(topic, envelope, ip, at.toISOString());
    this.bound.added(topic.length + envelope.length);
  }

  /** Events that wait for an address, oldest first. */
  byIp(ip: string, limit: number): readonly ParkedEvent[] {
    return this.#byIp.all<ParkedEvent>(ip, limit).map((row) => ({ ...row }));
  }

  /** Addresses that events wait for although somebody has them by now. */
  knownAddresses(): readonly string[] {
    return this.#knownAddresses.all<{ ip: string }>().map(({ ip }) => ip);
  }

  /** Events whose next try is due, the longest due first. */
  due(limit: number, now: Date): readonly ParkedEvent[] {
    return this.#due.all<ParkedEvent>(now.toISOString(), limit).map((row) => ({ ...row }));
  }

  /** Removes events that were worked off. */
  remove(ids: readonly number[]): void {
    this.#database.together(() => {
      for (const id of ids) this.#remove.run(id);
    });
  }

  /** Removes the events that wait for an address and says how many there were. */
  removeByIp(ip: string): number {
    return this.#removeByIp.run(ip);
  }

  /** Notes a try of events and when the next one is. */
  postpone(ids: readonly number[], nextAt: Date): void {
    this.#database.together(() => {
      for (const id of ids) this.#postpone.run(nextAt.toISOString(), id);
    });
  }

  /** Moves the times of what waits along with a clock that was set forward by so many milliseconds, or back. */
  redate(jumpMs: number, now: Date): void {
    this.#redating.move(jumpMs, now);
  }

  /** Events that wait. */
  count(): number {
    return this.#count.get<{ events: number }>()?.events ?? 0;
  }

  /**
   * Gives up events that waited too long, and the oldest of too many.
   *
   * @returns how many
   */
  prune({ maxRows, olderThan }: Retention): number {
    return this.#database.together(() =>
      this.#pruneOld.run(timeOrNever(olderThan)) + this.#pruneMany.run(maxRows)
    );
  }
}

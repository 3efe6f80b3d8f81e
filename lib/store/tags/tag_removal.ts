import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import type { Totals } from "./totals.ts";
import type { UuidIndex } from "./uuid_index.ts";

interface EventRow {
  readonly id: number;
  readonly tags: number;
}

const EVENT_FACTS = "id, (SELECT count(*) FROM tag WHERE tag.event = event.id) AS tags";

/** Events out of a list of their ids in JSON. */
const LISTED = "(SELECT value FROM json_each(?))";

/** Deletes events with all their tags, and takes them out of the totals. */
export class TagRemoval {
  readonly #database: Database;
  readonly #totals: Totals;
  readonly #uuids: UuidIndex;
  readonly #oldest: Statement;
  readonly #ofAttacker: Statement;
  readonly #ofAddress: Statement;
  readonly #remove: readonly Statement[];

  constructor(database: Database, totals: Totals, uuids: UuidIndex) {
    this.#database = database;
    this.#totals = totals;
    this.#uuids = uuids;
    const age = "max(observed_at, coalesce(relabelled_at, created_at))";
    this.#oldest = database.prepare(
      `SELECT ${EVENT_FACTS} FROM event WHERE ${age} < ? ORDER BY ${age}, id LIMIT ?`,
    );
    this.#ofAttacker = database.prepare(
      `SELECT ${EVENT_FACTS} FROM event WHERE address IN (
        SELECT address.id FROM attacker CROSS JOIN address ON address.attacker = attacker.id
        WHERE attacker.uuid = ?)`,
    );
    this.#ofAddress = database.prepare(
      `SELECT ${EVENT_FACTS} FROM event WHERE address IN (SELECT id FROM address WHERE ip = ?)`,
    );
    this.#remove = [
      `DELETE FROM tag WHERE event IN ${LISTED}`,
      `DELETE FROM event WHERE id IN ${LISTED}`,
    ].map((sql) => database.prepare(sql));
  }

  /**
   * Deletes the oldest events that were neither observed nor labelled since a time.
   *
   * @param limit at most so many tags, unless one event has more
   * @returns tags that went
   */
  ofOldest(olderThan: Date, limit: number): number {
    return this.#database.together(() => {
      const chunk: EventRow[] = [];
      let tags = 0;
      for (const event of this.#oldest.all<EventRow>(olderThan.toISOString(), limit)) {
        tags += event.tags;
        if (chunk.length > 0 && tags > limit) break;
        chunk.push(event);
      }
      return this.#delete(chunk);
    });
  }

  /** Deletes all tags of an attacker and says how many there were. */
  ofAttacker(uuid: string): number {
    return this.#database.together(() => this.#delete(this.#ofAttacker.all<EventRow>(uuid)));
  }

  /** Deletes all tags of an address, whosever it was, and says how many there were. */
  ofAddress(ip: string): number {
    return this.#database.together(() => this.#delete(this.#ofAddress.all<EventRow>(ip)));
  }

  #delete(events: readonly EventRow[]): number {
    if (events.length === 0) return 0;
    const ids = JSON.stringify(events.map(({ id }) => id));
    this.#totals.takeOut(ids, () => {
      for (const statement of this.#remove) statement.run(ids);
    });
    this.#uuids.dropEmpty();
    return events.reduce((sum, { tags }) => sum + tags, 0);
  }
}

import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import { type Retention, timeOrNever } from "./retention.ts";

/**
 * The table `delivery_attempt`: how often the processing of a message was begun and
 * not ended. A message that ends the process leaves its row behind, so that the next
 * process knows.
 */
export class DeliveryAttemptTable {
  readonly #database: Database;
  readonly #begin: Statement;
  readonly #cancel: Statement;
  readonly #end: Statement;
  readonly #get: Statement;
  readonly #pruneOld: Statement;
  readonly #pruneMany: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#begin = database.prepare(
      `INSERT INTO delivery_attempt (key, attempts, at) VALUES (?1, 1, ?2)
        ON CONFLICT DO UPDATE SET attempts = attempts + 1, at = ?2 RETURNING attempts`,
    );
    this.#cancel = database.prepare(
      "UPDATE delivery_attempt SET attempts = attempts - 1 WHERE key = ? AND attempts > 0",
    );
    this.#end = database.prepare("DELETE FROM delivery_attempt WHERE key = ?");
    this.#get = database.prepare("SELECT attempts FROM delivery_attempt WHERE key = ?");
    this.#pruneOld = database.prepare("DELETE FROM delivery_attempt WHERE at < ?");
    this.#pruneMany = database.prepare(
      `DELETE FROM delivery_attempt WHERE key IN
        (SELECT key FROM delivery_attempt ORDER BY at DESC LIMIT -1 OFFSET ?)`,
    );
  }

  /**
   * Notes on disk that the processing of a message begins.
   *
   * @param key names the message
   * @returns how often it was begun, with this time, and not ended
   */
  begin(key: string, at: Date): number {
    return this.#database.together(() =>
      this.#begin.get<{ attempts: number }>(key, at.toISOString())?.attempts ?? 1
    );
  }

  /** Takes back that the processing was begun: the message goes back where it came from. */
  cancel(key: string): void {
    this.#cancel.run(key);
  }

  /** Forgets a message that was processed, inside of the transaction that writes what came of it. */
  end(key: string): void {
    this.#end.run(key);
  }

  /** How often the processing of a message was begun and not ended. */
  count(key: string): number {
    return this.#get.get<{ attempts: number }>(key)?.attempts ?? 0;
  }

  /** Forgets messages that never came again. */
  prune({ maxRows, olderThan }: Retention): void {
    this.#database.together(() => {
      this.#pruneOld.run(timeOrNever(olderThan));
      this.#pruneMany.run(maxRows);
    });
  }
}

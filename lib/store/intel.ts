import type { Payload } from "../tagging/event.ts";
import type { Database } from "./sqlite/database.ts";
import type { Statement } from "./sqlite/statement.ts";

/** The table `attacker_intel`: the last verdict on each attacker, for its later sessions. */
export class IntelTable {
  readonly #put: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;

  constructor(database: Database) {
    this.#put = database.prepare(
      `INSERT INTO attacker_intel (attacker_uuid, payload, updated_at) VALUES (?, ?, ?)
        ON CONFLICT (attacker_uuid) DO UPDATE SET payload = excluded.payload,
          updated_at = excluded.updated_at WHERE excluded.updated_at >= updated_at`,
    );
    this.#get = database.prepare(
      "SELECT payload FROM attacker_intel WHERE attacker_uuid = ? AND updated_at <= ?",
    );
    this.#remove = database.prepare("DELETE FROM attacker_intel WHERE attacker_uuid = ?");
  }

  /** Keeps a verdict in the place of an older one. */
  put(attackerUuid: string, payload: Payload, at: Date): void {
    this.#put.run(attackerUuid, JSON.stringify(payload), at.toISOString());
  }

  /**
   * The last verdict on an attacker.
   *
   * @param by nothing when it is newer than this
   */
  get(attackerUuid: string, by: Date): Payload | undefined {
    const row = this.#get.get<{ payload: string }>(attackerUuid, by.toISOString());
    return row === undefined ? undefined : JSON.parse(row.payload) as Payload;
  }

  /** Removes the verdict on an attacker; whether there was one. */
  remove(attackerUuid: string): boolean {
    return this.#remove.run(attackerUuid) > 0;
  }
}

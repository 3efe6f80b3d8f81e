import type { Payload } from "../tagging/event.ts";
import { TableBound } from "./queues/table_bound.ts";
import type { Database } from "./sqlite/database.ts";
import type { Statement } from "./sqlite/statement.ts";

/** Bytes of one verdict; of a larger one the largest fields are left out. */
const MAX_PAYLOAD_BYTES = 16 * 1024;

/** The table `attacker_intel`: the last verdict on each attacker, for its later sessions. */
export class IntelTable {
  /** The verdicts that have not been renewed for longest go first. */
  readonly bound: TableBound;
  readonly #put: Statement;
  readonly #get: Statement;
  readonly #remove: Statement;

  constructor(database: Database) {
    this.bound = new TableBound(database, {
      table: "attacker_intel",
      order: "updated_at",
      bytes: "octet_length(attacker_uuid) + octet_length(payload)",
      maxRows: 50_000,
      maxBytes: 128 * 1024 * 1024,
    });
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

  /** Keeps a verdict, up to 16 KiB of it, in the place of an older one. */
  put(attackerUuid: string, payload: Payload, at: Date): void {
    const text = boundedText(payload);
    this.#put.run(attackerUuid, text, at.toISOString());
    this.bound.added(attackerUuid.length + text.length);
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

/** The payload as JSON, without the largest of its fields where it is too large. */
function boundedText(payload: Payload): string {
  const text = JSON.stringify(payload);
  if (text.length * 3 <= MAX_PAYLOAD_BYTES || byteLength(text) <= MAX_PAYLOAD_BYTES) return text;
  let left = MAX_PAYLOAD_BYTES - "{}".length;
  const sizes = Object.entries(payload)
    .map(([name, value]) => ({ name, size: byteLength(JSON.stringify({ [name]: value })) }))
    .sort((a, b) => a.size - b.size);
  const kept = new Set<string>();
  for (const { name, size } of sizes) {
    left -= size;
    if (left < 0) break;
    kept.add(name);
  }
  return JSON.stringify(
    Object.fromEntries(Object.entries(payload).filter(([name]) => kept.has(name))),
  );
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

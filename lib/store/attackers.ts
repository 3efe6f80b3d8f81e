import type { Database } from "./sqlite/database.ts";
import { NAME_KINDS, originsNaming } from "./tags/settling.ts";
import type { Statement } from "./sqlite/statement.ts";

/** What an event says about an attacker. */
export interface Sighting {
  readonly uuid: string;
  /** As text in the one form that `attackerAddress()` gives. */
  readonly ip: string;
  readonly identityUuid?: string;
  readonly at: Date;
}

/** One attacker as the table knows it. */
export interface Attacker {
  readonly uuid: string;
  /** Absent when only an identity event has named the attacker so far. */
  readonly ip?: string;
  readonly identityUuid?: string;
  /** UTC, ISO 8601; absent when only an identity event has named the attacker so far. */
  readonly firstSeen?: string;
  /** To the minute. */
  readonly lastSeen?: string;
}

interface AttackerRow {
  readonly uuid: string;
  readonly ip: string | null;
  readonly identity_uuid: string | null;
  readonly first_seen: string | null;
  readonly last_seen: string | null;
}

/** A row is not written again for a sighting within this time of the last, in milliseconds. */
const SIGHTING_GRAIN_MS = 60_000;

const COLUMNS = "uuid, ip, identity_uuid, first_seen, last_seen";

/** The table `attacker`: which address is which attacker, and which identity is behind it. */
export class AttackerTable {
  readonly #database: Database;
  readonly #byIp: Statement;
  readonly #byUuid: Statement;
  readonly #ofIdentity: Statement;
  readonly #releaseIp: Statement;
  readonly #upsert: Statement;
  readonly #setIdentity: Statement;
  readonly #mergeAttackers: Statement;
  readonly #mergeTags: readonly Statement[];
  readonly #remove: Statement;
  readonly #count: Statement;
  readonly #page: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#byIp = database.prepare(`SELECT ${COLUMNS} FROM attacker WHERE ip = ?`);
    this.#byUuid = database.prepare(`SELECT ${COLUMNS} FROM attacker WHERE uuid = ?`);
    this.#ofIdentity = database.prepare(
      `SELECT ${COLUMNS} FROM attacker WHERE identity_uuid = ? ORDER BY uuid`,
    );
    this.#releaseIp = database.prepare(
      "UPDATE attacker SET ip = NULL WHERE ip = ? AND uuid <> ?",
    );
    this.#upsert = database.prepare(
      `INSERT INTO attacker (${COLUMNS}) VALUES (?, ?, ?, ?4, ?4)
        ON CONFLICT (uuid) DO UPDATE SET ip = excluded.ip,
          identity_uuid = coalesce(excluded.identity_uuid, identity_uuid),
          first_seen = min(coalesce(first_seen, excluded.first_seen), excluded.first_seen),
          last_seen = max(coalesce(last_seen, excluded.last_seen), excluded.last_seen)`,
    );
    this.#setIdentity = database.prepare(
      `INSERT INTO attacker (uuid, identity_uuid) VALUES (?, ?)
        ON CONFLICT (uuid) DO UPDATE SET identity_uuid = excluded.identity_uuid`,
    );
    this.#mergeAttackers = database.prepare(
      "UPDATE attacker SET identity_uuid = ? WHERE identity_uuid = ?",
    );
    const { identity } = NAME_KINDS;
    this.#mergeTags = [
      `INSERT OR IGNORE INTO tag_name (kind, hash, origin, tags)
        SELECT kind, name_hash(?1), origin, tags FROM tag_name
          JOIN tag_origin ON tag_origin.id = tag_name.origin
        WHERE kind = ${identity} AND hash = name_hash(?2) AND identity_uuid = ?2`,
      `UPDATE tag_origin SET identity_uuid = ?1
        WHERE id IN ${originsNaming(identity).replace("?", "?2")} AND identity_uuid = ?2`,
      `DELETE FROM tag_name
        WHERE kind = ${identity} AND hash = name_hash(?2) AND name_hash(?1) <> name_hash(?2)
          AND (SELECT identity_uuid FROM tag_origin WHERE id = origin) = ?1`,
    ].map((sql) => database.prepare(sql));
    this.#remove = database.prepare("DELETE FROM attacker WHERE uuid = ?");
    this.#count = database.prepare("SELECT count(*) AS attackers FROM attacker");
    this.#page = database.prepare(
      `SELECT ${COLUMNS} FROM attacker WHERE uuid > ? ORDER BY uuid LIMIT 500`,
    );
  }

  /**
   * Learns that an address is an attacker's. The last word counts: an address
   * that was another's is so no longer.
   *
   * @returns whether nobody had this address before, so that events may wait for it
   */
  learn({ uuid, ip, identityUuid, at }: Sighting): { readonly newAddress: boolean } {
    const known = this.#byUuid.get<AttackerRow>(uuid);
    if (
      known?.ip === ip && known.last_seen !== null &&
      (identityUuid === undefined || known.identity_uuid === identityUuid) &&
      Math.abs(at.getTime() - Date.parse(known.last_seen)) < SIGHTING_GRAIN_MS
    ) {
      return { newAddress: false };
    }
    return this.#database.together(() => {
      const newAddress = this.#byIp.get(ip) === undefined;
      this.#releaseIp.run(ip, uuid);
      this.#upsert.run(uuid, ip, identityUuid ?? null, at.toISOString());
      return { newAddress };
    });
  }

  /** The attacker at an address. */
  byIp(ip: string): Attacker | undefined {
    return attackerOf(this.#byIp.get<AttackerRow>(ip));
  }

  /** The attacker of a uuid. */
  byUuid(uuid: string): Attacker | undefined {
    return attackerOf(this.#byUuid.get<AttackerRow>(uuid));
  }

  /** The attackers that are one identity, in the order of their uuids. */
  ofIdentity(identityUuid: string): readonly Attacker[] {
    return this.#ofIdentity.all<AttackerRow>(identityUuid).map(rowToAttacker);
  }

  /** Says that attackers are one identity; those not seen yet are noted without an address. */
  setIdentity(attackerUuids: readonly string[], identityUuid: string): void {
    if (attackerUuids.length === 0) return;
    this.#database.together(() => {
      for (const uuid of attackerUuids) {
        this.#setIdentity.run(uuid, identityUuid);
      }
    });
  }

  /** Gives everything of one identity, attackers and tags, to another. */
  mergeIdentity(loser: string, winner: string): void {
    if (loser === winner) return;
    this.#database.together(() => {
      this.#mergeAttackers.run(winner, loser);
      for (const statement of this.#mergeTags) statement.run(winner, loser);
    });
  }

  /** Removes an attacker from this table alone; whether it was there. */
  remove(uuid: string): boolean {
    return this.#remove.run(uuid) > 0;
  }

  /** Attackers in the table. */
  count(): number {
    return this.#count.get<{ attackers: number }>()?.attackers ?? 0;
  }

  /** All attackers in the order of their uuids, without holding up those who write. */
  *list(): Generator<Attacker, void> {
    let after = "";
    while (true) {
      const rows = this.#page.all<AttackerRow>(after);
      for (const row of rows) yield rowToAttacker(row);
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last.uuid;
    }
  }
}

function attackerOf(row: AttackerRow | undefined): Attacker | undefined {
  return row === undefined ? undefined : rowToAttacker(row);
}

function rowToAttacker(row: AttackerRow): Attacker {
  return {
    uuid: row.uuid,
    ...(row.ip !== null && { ip: row.ip }),
    ...(row.identity_uuid !== null && { identityUuid: row.identity_uuid }),
    ...(row.first_seen !== null && { firstSeen: row.first_seen }),
    ...(row.last_seen !== null && { lastSeen: row.last_seen }),
  };
}

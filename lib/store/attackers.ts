import type { Database } from "./sqlite/database.ts";
import type { Statement } from "./sqlite/statement.ts";
import { IdentityTable } from "./identities.ts";
import {
  type UnlabelledBounds,
  unlabelledBounds,
  type UnlabelledLimits,
} from "./unlabelled_bounds.ts";
import { NOBODY } from "./tags/tag_schema.ts";

/** What an event says about an attacker. */
export interface Sighting {
  readonly uuid: string;
  /** As text in the one form that `attackerAddress()` gives. */
  readonly ip: string;
  readonly identityUuid?: string;
  /** Whether the uuid was made from the address, so that a central one may take its place. */
  readonly minted?: boolean;
  readonly at: Date;
}

/** What a sighting has changed. */
export interface Learned {
  /** Whether nobody had this address before, so that events may wait for it. */
  readonly newAddress: boolean;
  /** The minted uuid whose address and tags are the named attacker's from now on. */
  readonly adopted?: string;
  /** The other attacker who had the address until now, and keeps its tags. */
  readonly replaced?: string;
}

/** One attacker as the tables know it. */
export interface Attacker {
  readonly uuid: string;
  /** The address at which it was seen last; absent when only its uuid was named so far. */
  readonly ip?: string;
  readonly identityUuid?: string;
  /** UTC, ISO 8601; absent when its address was not learned so far. */
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

interface AddressRow {
  readonly id: number;
  readonly uuid: string;
  readonly minted: number;
  readonly sighted_at: string | null;
}

/** A row is not written again for a sighting within this time of the last, in milliseconds. */
const SIGHTING_GRAIN_MS = 60_000;

/** Every attacker with the address that it has now, or that tags have named. */
const SELECTED = `SELECT attacker.uuid, address.ip, learned_at AS first_seen,
    sighted_at AS last_seen, shown.uuid AS identity_uuid
  FROM attacker
    LEFT JOIN address ON address.id = (SELECT id FROM address WHERE attacker = attacker.id
      ORDER BY current DESC, sighted_at DESC, ip IS NULL, id DESC LIMIT 1)
    LEFT JOIN identity AS named ON named.id = attacker.identity
    LEFT JOIN identity AS shown ON shown.id = named.in_force`;

/** The tables `attacker` and `address`: which address is which attacker, and which identity it is. */
export class AttackerTable {
  /** Identities and what was merged into what. */
  readonly identities: IdentityTable;
  /** Of the rows that no tag refers to. */
  readonly bounds: UnlabelledBounds;
  readonly #database: Database;
  readonly #current: Statement;
  readonly #byIp: Statement;
  readonly #byUuid: Statement;
  readonly #ofIdentity: Statement;
  readonly #addAttacker: Statement;
  readonly #addressId: Statement;
  readonly #addAddress: Statement;
  readonly #release: Statement;
  readonly #repoint: Statement;
  readonly #dropMinted: Statement;
  readonly #sight: Statement;
  readonly #setIdentity: Statement;
  readonly #remove: readonly Statement[];
  readonly #removeAddress: Statement;
  readonly #count: Statement;
  readonly #page: Statement;

  /**
   * @param database that holds the tables
   * @param limits of what no tag refers to
   */
  constructor(database: Database, limits?: UnlabelledLimits) {
    this.#database = database;
    this.bounds = unlabelledBounds(database, limits);
    this.identities = new IdentityTable(database);
    this.#current = database.prepare(
      `SELECT address.id, uuid, minted, sighted_at FROM address
        JOIN attacker ON attacker.id = address.attacker WHERE ip = ? AND current`,
    );
    this.#byIp = database.prepare(
      `${SELECTED} WHERE attacker.id = (SELECT attacker FROM address WHERE ip = ? AND current)`,
    );
    this.#byUuid = database.prepare(`${SELECTED} WHERE attacker.uuid = ?`);
    this.#ofIdentity = database.prepare(
      `${SELECTED} WHERE attacker.identity IN (
        SELECT id FROM identity WHERE in_force = (SELECT in_force FROM identity WHERE uuid = ?))
        ORDER BY attacker.uuid`,
    );
    this.#addAttacker = database.prepare(
      `INSERT INTO attacker (uuid, minted) VALUES (?, ?)
        ON CONFLICT (uuid) DO UPDATE SET minted = min(minted, excluded.minted) RETURNING id`,
    );
    // Tags may have named the attacker, with this address or with none.
    this.#addressId = database.prepare(
      `SELECT id FROM address WHERE attacker = ?1 AND (ip = ?2 OR ip IS NULL)
        ORDER BY ip IS NULL, id LIMIT 1`,
    );
    this.#addAddress = database.prepare(
      "INSERT INTO address (attacker, ip) VALUES (?, ?) RETURNING id",
    );
    this.#release = database.prepare("UPDATE address SET current = 0 WHERE ip = ? AND current");
    this.#repoint = database.prepare("UPDATE address SET attacker = ? WHERE id = ?");
    this.#dropMinted = database.prepare(
      `DELETE FROM attacker WHERE uuid = ? AND minted
        AND NOT EXISTS (SELECT 1 FROM address WHERE attacker = attacker.id)`,
    );
    this.#sight = database.prepare(
      `UPDATE address SET ip = ?2, current = 1,
          learned_at = min(coalesce(learned_at, ?3), ?3),
          sighted_at = max(coalesce(sighted_at, ?3), ?3) WHERE id = ?1`,
    );
    this.#setIdentity = database.prepare("UPDATE attacker SET identity = ? WHERE uuid = ?");
    this.#remove = [
      `DELETE FROM address WHERE attacker = (SELECT id FROM attacker WHERE uuid = ?)
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.address = address.id)`,
      `DELETE FROM attacker WHERE uuid = ?
        AND NOT EXISTS (SELECT 1 FROM address WHERE attacker = attacker.id)`,
    ].map((sql) => database.prepare(sql));
    this.#removeAddress = database.prepare(
      `DELETE FROM address WHERE ip = ?
        AND NOT EXISTS (SELECT 1 FROM event WHERE event.address = address.id)`,
    );
    this.#count = database.prepare(
      `SELECT count(*) AS attackers FROM attacker WHERE id <> ${NOBODY}`,
    );
    this.#page = database.prepare(
      `${SELECTED} WHERE attacker.uuid > ? ORDER BY attacker.uuid LIMIT 500`,
    );
  }

  /**
   * Learns that an address is an attacker's. The last word counts: what comes
   * after it is the new attacker's. Where the old one was minted, so is all that
   * came before, since one row is repointed.
   */
  learn(sighting: Sighting): Learned {
    const { uuid, ip, identityUuid, at, minted = false } = sighting;
    const known = this.#current.get<AddressRow>(ip);
    if (known?.uuid === uuid && identityUuid === undefined && isRecent(known.sighted_at, at)) {
      return { newAddress: false };
    }
    return this.#database.together(() => {
      const { id: attacker } = this.#addAttacker.get<{ id: number }>(uuid, minted ? 1 : 0)!;
      if (identityUuid !== undefined) this.setIdentity([uuid], identityUuid);
      const isAdoption = known !== undefined && known.uuid !== uuid && known.minted === 1 &&
        !minted;
      let address: number;
      if (known?.uuid === uuid) address = known.id;
      else if (isAdoption) {
        this.#adopt(known, attacker);
        address = known.id;
      } else {
        this.#release.run(ip);
        address = (this.#addressId.get<{ id: number }>(attacker, ip) ??
          this.#addAddress.get<{ id: number }>(attacker, ip))!.id;
      }
      this.#sight.run(address, ip, at.toISOString());
      if (known === undefined) this.bounds.addresses.added(ip.length);
      if (known === undefined || known.uuid === uuid) return { newAddress: known === undefined };
      return { newAddress: false, [isAdoption ? "adopted" : "replaced"]: known.uuid };
    });
  }

  #adopt({ id, uuid }: AddressRow, attacker: number): void {
    this.#repoint.run(attacker, id);
    this.#dropMinted.run(uuid);
  }

  /** The attacker at an address. */
  byIp(ip: string): Attacker | undefined {
    return attackerOf(this.#byIp.get<AttackerRow>(ip));
  }

  /** The attacker of a uuid. */
  byUuid(uuid: string): Attacker | undefined {
    return attackerOf(this.#byUuid.get<AttackerRow>(uuid));
  }

  /** The attackers that are one identity, or one that was merged into it, in the order of their uuids. */
  ofIdentity(identityUuid: string): readonly Attacker[] {
    return this.#ofIdentity.all<AttackerRow>(identityUuid).map(rowToAttacker);
  }

  /** Says that attackers are one identity; those not seen yet are noted without an address. */
  setIdentity(attackerUuids: readonly string[], identityUuid: string): void {
    if (attackerUuids.length === 0) return;
    this.#database.together(() => {
      const identity = this.identities.idOf(identityUuid);
      for (const uuid of attackerUuids) {
        this.#addAttacker.get(uuid, 1);
        this.#setIdentity.run(identity, uuid);
        this.bounds.attackers.added(uuid.length);
      }
      this.bounds.identities.added(identityUuid.length);
    });
  }

  /** Makes everything of one identity, attackers and tags, show as another's. */
  mergeIdentity(loser: string, winner: string): void {
    this.identities.merge(loser, winner);
    this.bounds.identities.added(loser.length + winner.length);
  }

  /** Removes an attacker whose tags are gone; whether it was there. */
  remove(uuid: string): boolean {
    return this.#database.together(() =>
      this.#remove.reduce((_, statement) => statement.run(uuid), 0) > 0
    );
  }

  /** Removes what is left of an address whose tags are gone. */
  removeAddress(ip: string): void {
    this.#removeAddress.run(ip);
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

function isRecent(sightedAt: string | null, at: Date): boolean {
  return sightedAt !== null &&
    Math.abs(at.getTime() - Date.parse(sightedAt)) < SIGHTING_GRAIN_MS;
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

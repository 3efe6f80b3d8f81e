import type { Tag } from "../../tagging/tag.ts";
import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";
import { IdentityTable } from "../identities.ts";
import { NOBODY } from "./tag_schema.ts";

/** Integer keys of whom and what an event belongs to. */
export interface OwnerIds {
  readonly address: number;
  readonly identity: number | null;
  readonly session: number | null;
  readonly decky: number | null;
}

/** What of a tag names its owners. */
type Names = Pick<
  Tag,
  "attackerUuid" | "attackerIp" | "identityUuid" | "sessionId" | "deckyId"
>;

interface Id {
  readonly id: number;
}

/** Finds or adds the rows of the dimensions that an event refers to. */
export class OwnerTables {
  readonly #dimensions: Readonly<Record<"attacker" | "session" | "decky" | "sensor", NamedRows>>;
  readonly #identities: IdentityTable;
  readonly #fillIdentity: Statement;
  readonly #addressOfIp: Statement;
  readonly #anyAddress: Statement;
  readonly #addAddress: Statement;

  constructor(database: Database) {
    this.#dimensions = {
      attacker: new NamedRows(database, "attacker", "uuid"),
      session: new NamedRows(database, "session", "session_id"),
      decky: new NamedRows(database, "decky", "decky_id"),
      sensor: new NamedRows(database, "sensor", "name"),
    };
    this.#identities = new IdentityTable(database);
    this.#fillIdentity = database.prepare(
      "UPDATE attacker SET identity = ? WHERE id = ? AND identity IS NULL",
    );
    this.#addressOfIp = database.prepare(
      "SELECT id FROM address WHERE attacker = ? AND ip = ? ORDER BY current DESC LIMIT 1",
    );
    this.#anyAddress = database.prepare(
      `SELECT id FROM address WHERE attacker = ?
        ORDER BY current DESC, sighted_at DESC, id LIMIT 1`,
    );
    this.#addAddress = database.prepare(
      "INSERT INTO address (attacker, ip) VALUES (?, ?) RETURNING id",
    );
  }

  /** The keys of an event's owners. Only inside a transaction. */
  idsOf({ attackerUuid, attackerIp, identityUuid, sessionId, deckyId }: Names): OwnerIds {
    const { session, decky } = this.#dimensions;
    const owner = attackerUuid === undefined
      ? { address: NOBODY, identity: this.#identities.idOf(identityUuid!) }
      : { address: this.#addressOf(attackerUuid, attackerIp, identityUuid), identity: null };
    return {
      ...owner,
      session: sessionId === undefined ? null : session.idOf(sessionId),
      decky: deckyId === undefined ? null : decky.idOf(deckyId),
    };
  }

  /** The key of a sensor, a new one where there is none. Only inside a transaction. */
  sensor(name: string): number {
    return this.#dimensions.sensor.idOf(name);
  }

  /** An address that tags alone name is nobody's current one: only its owner is learned elsewhere. */
  #addressOf(uuid: string, ip: string | undefined, identityUuid: string | undefined): number {
    const attacker = this.#dimensions.attacker.idOf(uuid);
    if (identityUuid !== undefined) {
      this.#fillIdentity.run(this.#identities.idOf(identityUuid), attacker);
    }
    const known = ip === undefined
      ? this.#anyAddress.get<Id>(attacker)
      : this.#addressOfIp.get<Id>(attacker, ip);
    return (known ?? this.#addAddress.get<Id>(attacker, ip ?? null))!.id;
  }
}

/** Rows of a dimension that have a name of their own. */
class NamedRows {
  readonly #find: Statement;
  readonly #add: Statement;

  constructor(database: Database, table: string, column: string) {
    this.#find = database.prepare(`SELECT id FROM ${table} WHERE ${column} = ?`);
    this.#add = database.prepare(`INSERT INTO ${table} (${column}) VALUES (?) RETURNING id`);
  }

  idOf(name: string): number {
    return (this.#find.get<Id>(name) ?? this.#add.get<Id>(name))!.id;
  }
}

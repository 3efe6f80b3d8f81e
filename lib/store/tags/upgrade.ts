import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { attackerUuid } from "../../tagging/identity.ts";
import type { Database } from "../sqlite/database.ts";
import { StoreError } from "../sqlite/errors.ts";
import type { Statement } from "../sqlite/statement.ts";
import { TAG_TABLES } from "./tag_schema.ts";
import { Totals } from "./totals.ts";
import { COPY_TAGS, OLD_ROWS_OF_PARTS, OLD_ROWS_OF_WIDE_TABLE } from "./upgrade_rows.ts";

/** Old tags that are copied in one transaction. */
const CHUNK_TAGS = 4_000;

/** Old attackers that are copied in one transaction. */
const CHUNK_ATTACKERS = 10_000;

/** Bytes of the new tables for each byte of the old ones, at most; the old ones stay until the end. */
const GROWTH = 2.5;

interface Position {
  readonly attacker: number;
  readonly tag: number;
  readonly last_attacker: number;
  readonly last_tag: number;
}

/**
 * Copies the tags of files of versions 1 to 4 into the tables of version 5, a
 * chunk in each transaction. `upgrade_progress` says how far it has got, and is
 * there as long as the old tables are. What happened when is not known of old
 * tags, so that they were observed when they were written.
 */
export class TagUpgrade {
  readonly #database: Database;
  #prepared: PreparedCopy | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Whether the old tables were moved aside. */
  get isBegun(): boolean {
    return this.#database.scalar(
      "SELECT count(*) FROM sqlite_schema WHERE name = 'upgrade_progress'",
    ) === 1;
  }

  /**
   * Moves the old tables aside and makes the new ones. Only inside a transaction.
   *
   * @param version that the file has
   * @param others changes of tables that have nothing to do with tags
   * @throws {StoreError} `full` when there is not enough room to copy the tags
   */
  begin(version: number, others: readonly string[]): void {
    this.#requireSpace();
    const setAside = version <= 2 ? SET_WIDE_TABLE_ASIDE : SET_PARTS_ASIDE;
    for (const change of [...setAside, ...TAG_TABLES, ...others]) this.#database.run(change);
    const tags = version <= 2 ? "old_ttp_tag" : "old_tag";
    this.#database.run("CREATE TABLE upgrade_progress (attacker, tag, last_attacker, last_tag)");
    this.#database.run(`INSERT INTO upgrade_progress VALUES (0, 0,
      (SELECT coalesce(max(rowid), 0) FROM old_attacker),
      (SELECT coalesce(max(rowid), 0) FROM ${tags}))`);
  }

  /**
   * Copies the next attackers, and when there are no more, the next tags. Only
   * inside a transaction.
   *
   * @returns how much is copied, from 0 to 1
   */
  copyChunk(): number {
    const copy = this.#prepared ??= new PreparedCopy(this.#database);
    const { attacker, tag, last_attacker, last_tag } = copy.position.get<Position>()!;
    if (attacker < last_attacker) copy.attackers(attacker, attacker + CHUNK_ATTACKERS);
    else if (tag < last_tag) copy.tags(tag, tag + CHUNK_TAGS);
    const at = copy.position.get<Position>()!;
    const left = Math.max(0, last_attacker - at.attacker) + Math.max(0, last_tag - at.tag);
    return left === 0 ? 1 : 1 - left / (last_attacker + last_tag);
  }

  /** Drops the old tables. Only inside a transaction. */
  end(): void {
    const old = this.#database.prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'old~_%' ESCAPE '~'
        ORDER BY name = 'old_tag_bump' DESC`,
    ).all<{ name: string }>();
    this.#database.run("DROP VIEW upgrade_row");
    for (const { name } of old) this.#database.run(`DROP TABLE ${name}`);
    this.#database.run("DROP TABLE upgrade_progress");
  }

  #requireSpace(): void {
    const pragma = (name: string): number => Number(this.#database.scalar(`PRAGMA ${name}`));
    const [page, pages, unused] = [
      pragma("page_size"),
      pragma("page_count"),
      pragma("freelist_count"),
    ];
    const needed = Math.ceil((pages - unused) * GROWTH);
    const room = Math.min(
      pragma("max_page_count") - pages,
      freeBytes(this.#database.file) / page,
    ) + unused;
    if (room >= needed) return;
    const mebibytes = (count: number): number => Math.ceil(count * page / 1024 / 1024);
    throw new StoreError(
      "full",
      `database ${this.#database.file} is of an older version, and bringing it up to date needs ` +
        `${mebibytes(needed)} MiB where ${mebibytes(room)} MiB are free; make room and start again`,
    );
  }
}

/** The statements that copy, which need the tables to be there. */
class PreparedCopy {
  readonly position: Statement;
  readonly #attackers: readonly Statement[];
  readonly #tags: readonly Statement[];
  readonly #addresses: Statement;
  readonly #mint: Statement;
  readonly #moveAttacker: Statement;
  readonly #moveTag: Statement;
  readonly #totals: Totals;

  constructor(database: Database) {
    this.position = database.prepare("SELECT * FROM upgrade_progress");
    this.#attackers = COPY_ATTACKERS.map((sql) => database.prepare(sql));
    this.#tags = COPY_TAGS.map((sql) => database.prepare(sql));
    this.#addresses = database.prepare(`SELECT uuid, ip FROM ${OLD_ATTACKERS} AND ip IS NOT NULL`);
    // A central uuid may take the place of one that was made from the address.
    this.#mint = database.prepare("UPDATE attacker SET minted = 1 WHERE uuid = ?");
    this.#moveAttacker = database.prepare("UPDATE upgrade_progress SET attacker = ?");
    this.#moveTag = database.prepare("UPDATE upgrade_progress SET tag = ?");
    this.#totals = new Totals(database);
  }

  attackers(after: number, upto: number): void {
    for (const statement of this.#attackers) statement.run(after, upto);
    for (const { uuid, ip } of this.#addresses.all<{ uuid: string; ip: string }>(after, upto)) {
      if (attackerUuid(ip) === uuid) this.#mint.run(uuid);
    }
    this.#moveAttacker.run(upto);
  }

  tags(after: number, upto: number): void {
    for (const statement of this.#tags) statement.run(after, upto);
    this.#totals.added();
    this.#moveTag.run(upto);
  }
}

const SET_ATTACKERS_ASIDE = [
  "DROP INDEX attacker_identity",
  "ALTER TABLE attacker RENAME TO old_attacker",
  "ALTER TABLE tag_bump RENAME TO old_tag_bump",
];

const SET_WIDE_TABLE_ASIDE = [
  "DROP TABLE tag_hourly",
  ...SET_ATTACKERS_ASIDE,
  "ALTER TABLE ttp_tag RENAME TO old_ttp_tag",
  OLD_ROWS_OF_WIDE_TABLE,
];

const SET_PARTS_ASIDE = [
  "DROP VIEW tag_hourly",
  "DROP VIEW ttp_tag",
  ...["label_hourly", "tag_name", "tag_of_label", "tag_digest", "tag_settled", "decky_sum"]
    .map((table) => `DROP TABLE IF EXISTS ${table}`),
  ...SET_ATTACKERS_ASIDE,
  "ALTER TABLE tag RENAME TO old_tag",
  "ALTER TABLE tag_origin RENAME TO old_tag_origin",
  "ALTER TABLE tag_label RENAME TO old_tag_label",
  OLD_ROWS_OF_PARTS,
];

/** Old attackers whose rowid is above `?1` and at most `?2`. */
const OLD_ATTACKERS = "old_attacker AS old WHERE old.rowid > ?1 AND old.rowid <= ?2";

const COPY_ATTACKERS = [
  `INSERT OR IGNORE INTO identity (id, uuid, in_force)
    SELECT next, uuid, next FROM (
      SELECT uuid, (SELECT coalesce(max(id), 0) FROM identity) + row_number() OVER (ORDER BY uuid)
        AS next
      FROM (SELECT DISTINCT identity_uuid AS uuid FROM ${OLD_ATTACKERS}
        AND identity_uuid IS NOT NULL AND identity_uuid NOT IN (SELECT uuid FROM identity)))`,
  `INSERT OR IGNORE INTO attacker (uuid, identity)
    SELECT uuid, (SELECT id FROM identity WHERE identity.uuid = old.identity_uuid)
    FROM ${OLD_ATTACKERS}`,
  `INSERT INTO address (ip, attacker, current, learned_at, sighted_at)
    SELECT ip, (SELECT id FROM attacker WHERE attacker.uuid = old.uuid), 1, first_seen, last_seen
    FROM ${OLD_ATTACKERS} AND ip IS NOT NULL`,
];

/** Free bytes of the disk on which a file is; no limit where it may not be asked for. */
function freeBytes(file: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}

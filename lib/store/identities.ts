import type { Database } from "./sqlite/database.ts";
import type { Statement } from "./sqlite/statement.ts";

/** The identity itself and all that were merged into it, at any depth. */
const MERGED = `WITH RECURSIVE merged (id) AS (
  SELECT ?1 UNION SELECT identity.id FROM identity JOIN merged ON merged_into = merged.id)`;

/**
 * The table `identity`. A merged identity keeps what refers to it and shows as
 * the one that it was merged into, so that a merge can be taken back.
 */
export class IdentityTable {
  readonly #database: Database;
  readonly #find: Statement;
  readonly #add: Statement;
  readonly #point: Statement;
  readonly #release: Statement;
  readonly #isMerged: Statement;
  readonly #setInForce: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#find = database.prepare("SELECT id FROM identity WHERE uuid = ?");
    this.#add = database.prepare(
      `INSERT INTO identity (uuid, in_force)
        VALUES (?, (SELECT coalesce(max(id), 0) + 1 FROM identity)) RETURNING id`,
    );
    this.#point = database.prepare("UPDATE identity SET merged_into = ? WHERE id = ?");
    this.#release = database.prepare(
      "UPDATE identity SET merged_into = NULL, in_force = id WHERE id = ?",
    );
    this.#isMerged = database.prepare(`${MERGED} SELECT 1 FROM merged WHERE id = ?2`);
    this.#setInForce = database.prepare(
      `${MERGED} UPDATE identity SET in_force = (SELECT in_force FROM identity WHERE id = ?2)
        WHERE id IN (SELECT id FROM merged)`,
    );
  }

  /** The key of an identity, a new one where there is none. Only inside a transaction. */
  idOf(uuid: string): number {
    const row = this.#find.get<{ id: number }>(uuid) ?? this.#add.get<{ id: number }>(uuid);
    return row!.id;
  }

  /** Makes one identity show as another; the last word counts where they name each other. */
  merge(loser: string, winner: string): void {
    if (loser === winner) return;
    this.#database.together(() => {
      const [from, into] = [this.idOf(loser), this.idOf(winner)];
      if (this.#isMerged.get(from, into) !== undefined) this.#split(into);
      this.#point.run(into, from);
      this.#setInForce.run(from, into);
    });
  }

  /** Takes back that an identity was merged into another. */
  unmerge(uuid: string): void {
    this.#database.together(() => this.#split(this.idOf(uuid)));
  }

  #split(id: number): void {
    this.#release.run(id);
    this.#setInForce.run(id, id);
  }
}

import type { Database } from "../sqlite/database.ts";
import type { DeckySums } from "./decky_sums.ts";
import { type HourlySums, hourOf } from "./hourly.ts";
import type { KnownSources } from "./known_sources.ts";
import { NAME_KINDS, namesOf, originsNaming } from "./settling.ts";
import type { Statement } from "../sqlite/statement.ts";

interface OriginRow {
  readonly id: number;
  readonly tags: number;
  readonly at: string;
}

const ORIGIN_FACTS = "id, last_tag - id + 1 AS tags, created_at AS at";

/** Origins out of a list of their ids in JSON. */
const LISTED = "id IN (SELECT value FROM json_each(?1))";

/** Deletes tags, whole origins at a time, and everything that the indexes and sums hold of them. */
export class TagRemoval {
  readonly #database: Database;
  readonly #sources: KnownSources;
  readonly #hourly: HourlySums;
  readonly #deckies: DeckySums;
  readonly #oldest: Statement;
  readonly #ofAttacker: Statement;
  readonly #remove: readonly Statement[];
  readonly #dropDigests: Statement;

  /**
   * @param sources gives the ids of tags, none of them twice
   * @param hourly counts anew the hours of which something went
   * @param deckies takes out what goes
   */
  constructor(
    database: Database,
    sources: KnownSources,
    hourly: HourlySums,
    deckies: DeckySums,
  ) {
    this.#database = database;
    this.#sources = sources;
    this.#hourly = hourly;
    this.#deckies = deckies;
    this.#oldest = database.prepare(
      `SELECT ${ORIGIN_FACTS} FROM tag_origin
        WHERE created_at < ? ORDER BY created_at, id LIMIT ?`,
    );
    this.#ofAttacker = database.prepare(
      `SELECT ${ORIGIN_FACTS} FROM tag_origin
        WHERE id IN ${originsNaming(NAME_KINDS.attacker)} AND attacker_uuid = ?`,
    );
    const tagsListed = `SELECT tag.id FROM tag_origin AS origin
      CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag WHERE origin.${LISTED}`;
    this.#remove = [
      `DELETE FROM tag_name WHERE (kind, hash, origin) IN (
        SELECT kind, hash, origin FROM (${namesOf(LISTED)}))`,
      `DELETE FROM tag_of_label WHERE (label, tag) IN (
        SELECT label, id FROM tag WHERE id IN (${tagsListed}))`,
      `DELETE FROM tag WHERE id IN (${tagsListed})`,
      `DELETE FROM tag_origin WHERE ${LISTED}`,
    ].map((sql) => database.prepare(sql));
    this.#dropDigests = database.prepare(
      `DELETE FROM tag_digest
        WHERE last_tag < coalesce((SELECT min(id) FROM tag), ${Number.MAX_SAFE_INTEGER})`,
    );
  }

  /**
   * Deletes the oldest tags from before a time.
   *
   * @param limit at most so many, unless more were written together
   * @returns how many
   */
  ofOldest(olderThan: Date, limit: number): number {
    return this.#database.together(() => {
      const chunk: OriginRow[] = [];
      let tags = 0;
      for (const origin of this.#oldest.all<OriginRow>(olderThan.toISOString(), limit)) {
        tags += origin.tags;
        if (chunk.length > 0 && tags > limit) break;
        chunk.push(origin);
      }
      return this.#delete(chunk);
    });
  }

  /** Deletes all tags of an attacker and says how many there were. */
  ofAttacker(attackerUuid: string): number {
    return this.#database.together(() =>
      this.#delete(this.#ofAttacker.all<OriginRow>(attackerUuid, attackerUuid))
    );
  }

  #delete(origins: readonly OriginRow[]): number {
    if (origins.length === 0) return 0;
    // Of what is gone no id may be given again: who follows new tags goes by their ids.
    this.#sources.settle();
    const ids = JSON.stringify(origins.map(({ id }) => id));
    this.#deckies.remove(ids);
    for (const statement of this.#remove) statement.run(ids);
    this.#dropDigests.run();
    this.#hourly.recount(new Set(origins.map(({ at }) => hourOf(at))));
    return origins.reduce((sum, { tags }) => sum + tags, 0);
  }
}

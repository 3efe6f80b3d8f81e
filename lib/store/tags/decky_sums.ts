import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

interface Sum {
  readonly confidence: number;
  tags: number;
  readonly oldest: number;
  newest: number;
}

/** A tag whose confidence is raised. */
export interface Raise {
  readonly tag: number;
  readonly origin: number;
  readonly label: number;
  readonly from: number;
  readonly to: number;
}

const ADD = `ON CONFLICT DO UPDATE SET tags = tags + excluded.tags,
  oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest)`;

/** The tags of origins, by decky, label and confidence. */
function tagsOfDeckies(which: string): string {
  return `FROM tag_origin AS origin CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
    WHERE ${which} AND decky_id IS NOT NULL GROUP BY decky_id, label, confidence`;
}

/**
 * Keeps `decky_sum`, the sums of the tags by decky, label and confidence: there
 * are few deckies and each has many tags. They are those of the tags that the
 * index of names holds, and are written together with it. `oldest` and `newest`
 * are bounds: of what is removed later they are not told.
 */
export class DeckySums implements TransactionMember {
  /** Of the tags after `#from` up to `#upto`, by decky and label. */
  readonly #fresh = new Map<string, Map<number, Sum[]>>();
  #from: number | undefined;
  #upto = 0;
  /** Changes with every commit of another connection. */
  #version: unknown;
  readonly #dataVersion: Statement;
  readonly #settled: Statement;
  readonly #add: Statement;
  readonly #addCounted: Statement;
  readonly #addOne: Statement;
  readonly #takeOne: Statement;
  readonly #take: Statement;
  readonly #dropEmpty: Statement;
  readonly #dropAllEmpty: Statement;

  constructor(database: Database) {
    this.#dataVersion = database.prepare("PRAGMA data_version");
    this.#settled = database.prepare("SELECT names FROM tag_settled");
    this.#add = database.prepare(`INSERT INTO decky_sum VALUES (?, ?, ?, ?, ?, ?) ${ADD}`);
    this.#addCounted = database.prepare(
      `INSERT INTO decky_sum
        SELECT decky_id, label, confidence, count(*), min(tag.id), max(tag.id)
        ${tagsOfDeckies("origin.id > ?1 AND origin.id <= ?2")} ${ADD}`,
    );
    // The runtime reads a text up to its first NUL, so that a decky is told by its origin.
    const ofOrigin = `decky_id = (SELECT decky_id FROM tag_origin WHERE id = ?)
      AND label = ? AND confidence = ?`;
    this.#addOne = database.prepare(
      `INSERT INTO decky_sum SELECT decky_id, ?2, ?3, 1, ?4, ?4 FROM tag_origin
        WHERE id = ?1 AND decky_id IS NOT NULL ${ADD}`,
    );
    this.#takeOne = database.prepare(`UPDATE decky_sum SET tags = tags - 1 WHERE ${ofOrigin}`);
    this.#take = database.prepare(
      `UPDATE decky_sum SET tags = decky_sum.tags - gone.tags FROM (
          SELECT decky_id, label, confidence, count(*) AS tags
          ${tagsOfDeckies("origin.id IN (SELECT value FROM json_each(?))")}
        ) AS gone
        WHERE decky_sum.decky_id = gone.decky_id AND decky_sum.label = gone.label
          AND decky_sum.confidence = gone.confidence`,
    );
    this.#dropEmpty = database.prepare(
      `DELETE FROM decky_sum WHERE ${ofOrigin} AND tags <= 0`,
    );
    this.#dropAllEmpty = database.prepare("DELETE FROM decky_sum WHERE tags <= 0");
    database.join(this);
  }

  /**
   * Notes a tag that was written, so that it need not be read again when its
   * sums are. Only inside a transaction, in the order of the ids.
   *
   * @param tag its id
   */
  count(deckyId: string | undefined, label: number, confidence: number, tag: number): void {
    if (this.#from === undefined) {
      this.#from = tag - 1;
      this.#version = this.#currentVersion();
    }
    this.#upto = tag;
    if (deckyId === undefined) return;
    let labels = this.#fresh.get(deckyId);
    if (labels === undefined) this.#fresh.set(deckyId, labels = new Map());
    let sums = labels.get(label);
    if (sums === undefined) labels.set(label, sums = []);
    const known = sums.find((sum) => sum.confidence === confidence);
    if (known === undefined) {
      sums.push({ confidence, tags: 1, oldest: tag, newest: tag });
    } else {
      known.tags++;
      known.newest = tag;
    }
  }

  /** Adds the tags after one up to another; inside the caller's transaction. */
  settle(from: number, upto: number): void {
    // What was noted is right when it is all of them, and nobody else has touched the file since.
    const isNoted = this.#from === from && this.#upto === upto &&
      this.#version === this.#currentVersion();
    if (isNoted) this.#addNoted();
    else this.#addCounted.run(from, upto);
    this.#forget();
  }

  #addNoted(): void {
    for (const [deckyId, labels] of this.#fresh) {
      for (const [label, sums] of labels) {
        for (const { confidence, tags, oldest, newest } of sums) {
          this.#add.run(deckyId, label, confidence, tags, oldest, newest);
        }
      }
    }
  }

  /** Moves a tag to the sum of its new confidence; inside the caller's transaction. */
  raise({ tag, origin, label, from, to }: Raise): void {
    if (tag > this.#settled.get<{ names: number }>()!.names) {
      // It will be read again when it is settled.
      this.#forget();
      return;
    }
    this.#takeOne.run(origin, label, from);
    this.#dropEmpty.run(origin, label, from);
    this.#addOne.run(origin, label, to, tag);
  }

  /**
   * Takes the tags of origins out, all of them settled, before they are deleted;
   * inside the caller's transaction.
   *
   * @param origins their ids as JSON
   */
  remove(origins: string): void {
    this.#take.run(origins);
    this.#dropAllEmpty.run();
  }

  /** What was noted may have been undone. */
  undone(): void {
    this.#forget();
  }

  #forget(): void {
    this.#fresh.clear();
    this.#from = undefined;
  }

  #currentVersion(): unknown {
    return this.#dataVersion.get<{ data_version: number }>()?.data_version;
  }
}

import type { Database, TransactionMember } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

interface Sum {
  readonly hour: string;
  readonly label: number;
  readonly confidence: number;
  tags: number;
  firstAt: string;
  lastAt: string;
}

/** How a sum was before tags were counted in or out. */
interface Change {
  readonly sum: Sum;
  readonly tags: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** Characters of a time that name its hour, `2026-11-20T14`. */
const HOUR_LENGTH = 13;

/** Adds the sums of the hour `?1`, counted from its tags. */
export const SUMS_OF_HOUR: string = `INSERT INTO label_hourly
  SELECT substr(created_at, 1, ${HOUR_LENGTH}), label, confidence, count(*),
    min(created_at), max(created_at)
  FROM tag_origin AS origin CROSS JOIN tag ON tag.id BETWEEN origin.id AND origin.last_tag
  WHERE created_at >= ?1 AND created_at < ?1 || '~'
  GROUP BY 1, 2, 3`;

/**
 * Keeps `label_hourly`, the sums of the tags by hour, label and confidence, which
 * the view `tag_hourly` shows with what the labels say. Changes are gathered in
 * memory and written once at the end of a transaction: a trigger, or a statement
 * for each tag, would halve the speed of inserting.
 */
export class HourlySums implements TransactionMember {
  /** By label: each has few. */
  readonly #sums = new Map<number, Sum[]>();
  /** What has changed in the transactions that are under way, in order. */
  readonly #changes: Change[] = [];
  /** How many changes there were when each of them began. */
  readonly #levels: number[] = [];
  /** Hours of which tags were deleted; one too many does no harm. */
  readonly #anew = new Set<string>();
  readonly #add: Statement;
  readonly #dropEmpty: Statement;
  readonly #drop: Statement;
  readonly #recount: Statement;

  constructor(database: Database) {
    this.#add = database.prepare(
      `INSERT INTO label_hourly VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET tags = tags + excluded.tags,
          first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
    );
    this.#dropEmpty = database.prepare("DELETE FROM label_hourly WHERE hour = ? AND tags <= 0");
    this.#drop = database.prepare("DELETE FROM label_hourly WHERE hour = ?");
    this.#recount = database.prepare(SUMS_OF_HOUR);
    database.join(this);
  }

  /**
   * Counts tags in, or out again. Only inside a transaction.
   *
   * @param label id of their label
   * @param at when the tag was written, ISO 8601
   * @param tags how many; less than zero takes them out
   */
  count(label: number, confidence: number, at: string, tags: number): void {
    if (this.#levels.length === 0) throw new Error("tags are counted inside a transaction only");
    const sum = this.#sumOf(label, confidence, at);
    this.#changes.push({ sum, tags: sum.tags, firstAt: sum.firstAt, lastAt: sum.lastAt });
    sum.tags += tags;
    if (at < sum.firstAt) sum.firstAt = at;
    if (at > sum.lastAt) sum.lastAt = at;
  }

  #sumOf(label: number, confidence: number, at: string): Sum {
    let sums = this.#sums.get(label);
    if (sums === undefined) this.#sums.set(label, sums = []);
    const known = sums.find((sum) => sum.confidence === confidence && at.startsWith(sum.hour));
    if (known !== undefined) return known;
    const sum = { hour: hourOf(at), label, confidence, tags: 0, firstAt: at, lastAt: at };
    sums.push(sum);
    return sum;
  }

  /**
   * Counts hours anew after tags of them were deleted. It is done at the end of
   * the transaction, when what it has written besides is there to be counted too.
   */
  recount(hours: Iterable<string>): void {
    for (const hour of hours) this.#anew.add(hour);
  }

  /** @inheritdoc */
  begun(): void {
    this.#levels.push(this.#changes.length);
  }

  /** @inheritdoc */
  kept(): void {
    this.#levels.pop();
  }

  /** @inheritdoc */
  undone(): void {
    const begun = this.#levels.pop() ?? 0;
    for (const { sum, tags, firstAt, lastAt } of this.#changes.splice(begun).reverse()) {
      Object.assign(sum, { tags, firstAt, lastAt });
    }
    if (this.#levels.length > 0) return;
    this.#sums.clear();
    this.#anew.clear();
  }

  /** @inheritdoc */
  committing(): void {
    const emptied = new Set<string>();
    for (
      const { hour, label, confidence, tags, firstAt, lastAt } of [...this.#sums.values()].flat()
    ) {
      if (tags === 0 || this.#anew.has(hour)) continue;
      this.#add.run(hour, label, confidence, tags, firstAt, lastAt);
      if (tags < 0) emptied.add(hour);
    }
    for (const hour of emptied) this.#dropEmpty.run(hour);
    for (const hour of this.#anew) {
      this.#drop.run(hour);
      this.#recount.run(hour);
    }
  }

  /** @inheritdoc */
  committed(): void {
    this.#levels.pop();
    this.#changes.length = 0;
    this.#sums.clear();
    this.#anew.clear();
  }
}

/** The hour of a time, as `tag_hourly` names it. */
export function hourOf(at: string): string {
  return at.slice(0, HOUR_LENGTH);
}

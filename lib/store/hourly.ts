import type { Database, TransactionMember } from "./database.ts";
import type { Statement } from "./statement.ts";
import { TAGS } from "./tag_row.ts";

/** What tags are counted by. */
export interface Counted {
  readonly ruleId: string;
  readonly tactic: string;
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  readonly attackRelease: string;
  readonly confidence: number;
}

interface Sum {
  readonly of: Counted;
  readonly hour: string;
  tags: number;
  firstAt: string;
  lastAt: string;
}

type Sums = Map<string, Sum>;

/** Characters of a time that name its hour, `2026-11-20T14`. */
const HOUR_LENGTH = 13;

/**
 * Keeps `tag_hourly`, the sums of the tags by hour. Changes are gathered in
 * memory and written once at the end of a transaction: a trigger, or a
 * statement for each tag, would halve the speed of inserting.
 */
export class HourlySums implements TransactionMember {
  /** Sums of each transaction that is under way, the outermost first. */
  readonly #levels: Sums[] = [];
  readonly #add: Statement;
  readonly #dropEmpty: Statement;
  readonly #drop: Statement;
  readonly #recount: Statement;

  constructor(database: Database) {
    this.#add = database.prepare(
      `INSERT INTO tag_hourly VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET tags = tags + excluded.tags,
          first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
    );
    this.#dropEmpty = database.prepare("DELETE FROM tag_hourly WHERE hour = ? AND tags <= 0");
    this.#drop = database.prepare("DELETE FROM tag_hourly WHERE hour = ?");
    this.#recount = database.prepare(
      `INSERT INTO tag_hourly
        SELECT substr(created_at, 1, ${HOUR_LENGTH}), rule_id, tactic, technique_id,
          coalesce(sub_technique_id, ''), attack_release, confidence, count(*),
          min(created_at), max(created_at)
        FROM ${TAGS} WHERE created_at >= ?1 AND created_at < ?1 || '~'
        GROUP BY 1, 2, 3, 4, 5, 6, 7`,
    );
    database.join(this);
  }

  /**
   * Counts tags in, or out again. Only inside a transaction.
   *
   * @param at when the tag was written, ISO 8601
   * @param tags how many; less than zero takes them out
   */
  count(of: Counted, at: string, tags: number): void {
    const sums = this.#levels.at(-1);
    if (sums === undefined) throw new Error("tags are counted inside a transaction only");
    const hour = at.slice(0, HOUR_LENGTH);
    const key = `${hour} ${of.ruleId} ${of.tactic} ${of.techniqueId} ${of.subTechniqueId ?? ""} ` +
      `${of.attackRelease} ${of.confidence}`;
    merge(sums, key, { of, hour, tags, firstAt: at, lastAt: at });
  }

  /** Counts hours anew after tags of them were deleted. */
  recount(hours: Iterable<string>): void {
    for (const hour of hours) {
      this.#drop.run(hour);
      this.#recount.run(hour);
    }
  }

  /** @inheritdoc */
  begun(): void {
    this.#levels.push(new Map());
  }

  /** @inheritdoc */
  kept(): void {
    const inner = this.#levels.pop();
    const outer = this.#levels.at(-1);
    if (inner === undefined || outer === undefined) return;
    for (const [key, sum] of inner) merge(outer, key, sum);
  }

  /** @inheritdoc */
  undone(): void {
    this.#levels.pop();
  }

  /** @inheritdoc */
  committing(): void {
    const emptied = new Set<string>();
    for (const { of, hour, tags, firstAt, lastAt } of this.#levels.at(-1)?.values() ?? []) {
      this.#add.run(
        hour,
        of.ruleId,
        of.tactic,
        of.techniqueId,
        of.subTechniqueId ?? "",
        of.attackRelease,
        of.confidence,
        tags,
        firstAt,
        lastAt,
      );
      if (tags < 0) emptied.add(hour);
    }
    for (const hour of emptied) this.#dropEmpty.run(hour);
  }

  /** @inheritdoc */
  committed(): void {
    this.#levels.pop();
  }
}

function merge(sums: Sums, key: string, more: Sum): void {
  const sum = sums.get(key);
  if (sum === undefined) {
    sums.set(key, { ...more });
    return;
  }
  sum.tags += more.tags;
  if (more.firstAt < sum.firstAt) sum.firstAt = more.firstAt;
  if (more.lastAt > sum.lastAt) sum.lastAt = more.lastAt;
}

/** The hour of a time, as `tag_hourly` names it. */
export function hourOf(at: string): string {
  return at.slice(0, HOUR_LENGTH);
}

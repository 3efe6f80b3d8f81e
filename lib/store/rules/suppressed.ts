import type { SuppressionReason } from "../../tagging/tag.ts";
import type { Database } from "../sqlite/database.ts";
import { hourOf } from "../tags/hour.ts";
import type { Statement } from "../sqlite/statement.ts";

/** Matches of one rule that were not written, or whose announcement was held back, for one reason. */
export interface SuppressedSum {
  readonly ruleId: string;
  readonly reason: SuppressionReason;
  readonly count: number;
}

/** The table `suppressed_hourly`: what was held back, by hour. */
export class SuppressedTable {
  readonly #database: Database;
  readonly #add: Statement;
  readonly #since: Statement;
  readonly #prune: Statement;

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      `INSERT INTO suppressed_hourly (hour, rule_id, reason, count) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET count = count + excluded.count`,
    );
    this.#since = database.prepare(
      `SELECT rule_id AS ruleId, reason, sum(count) AS count FROM suppressed_hourly
        WHERE hour >= ? GROUP BY rule_id, reason ORDER BY rule_id, reason`,
    );
    this.#prune = database.prepare("DELETE FROM suppressed_hourly WHERE hour < ?");
  }

  /** Counts in what was held back since the last time. */
  add(sums: readonly SuppressedSum[], at: Date): void {
    const hour = hourOf(at.toISOString());
    this.#database.together(() => {
      for (const { ruleId, reason, count } of sums) this.#add.run(hour, ruleId, reason, count);
    });
  }

  /** What was held back since the beginning of the hour of a time, by rule id and reason. */
  since(from: Date): readonly SuppressedSum[] {
    return this.#since.all<SuppressedSum>(hourOf(from.toISOString())).map((row) => ({ ...row }));
  }

  /** Forgets the hours before that of a time. */
  prune(olderThan: Date): void {
    this.#prune.run(hourOf(olderThan.toISOString()));
  }
}

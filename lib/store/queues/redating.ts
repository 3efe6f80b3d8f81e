import type { Database } from "../sqlite/database.ts";
import type { Statement } from "../sqlite/statement.ts";

/** Moves the times of a table's rows along when the clock was set. */
export class Redating {
  readonly #forward: Statement;
  readonly #back: Statement;

  /**
   * @param table name of the table
   * @param since column with the time at which a row began to wait
   * @param others more columns with times
   */
  constructor(database: Database, table: string, since: string, others: readonly string[]) {
    const moved = [since, ...others]
      // A time that would leave the calendar stays as it is.
      .map((name) => `${name} = coalesce(strftime('%Y-%m-%dT%H:%M:%fZ', ${name}, ?1), ${name})`)
      .join(", ");
    this.#forward = database.prepare(`UPDATE ${table} SET ${moved} WHERE ${since} <= ?2`);
    this.#back = database.prepare(`UPDATE ${table} SET ${moved} WHERE ${since} > ?2`);
  }

  /**
   * Moves what was written before the clock was set; what was written since then
   * stays, and so does what may have been.
   *
   * @param jumpMs how far the clock was set forward, in milliseconds
   * @param now time after that
   */
  move(jumpMs: number, now: Date): void {
    const seconds = `${jumpMs < 0 ? "" : "+"}${(jumpMs / 1000).toFixed(3)} seconds`;
    if (jumpMs > 0) this.#forward.run(seconds, new Date(now.getTime() - jumpMs).toISOString());
    else this.#back.run(seconds, now.toISOString());
  }
}

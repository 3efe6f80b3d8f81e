/**
 * Lets one thing a key through per interval and counts what it held back, so
 * that a flood of the same trouble is one log line a minute.
 */
export class Throttle {
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #seen = new Map<string, { since: number; held: number }>();

  /**
   * @param intervalMs how long a key stays quiet, in milliseconds
   * @param now clock, in milliseconds
   */
  constructor(intervalMs: number, now: () => number) {
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  /**
   * Asks to let one more through.
   *
   * @returns how many were held back since the last one that passed, or nothing when this one is held back too
   */
  pass(key: string): number | undefined {
    const now = this.#now();
    const entry = this.#seen.get(key);
    // A clock that was set back must not silence a key for good.
    if (entry !== undefined && now >= entry.since && now - entry.since < this.#intervalMs) {
      entry.held++;
      return undefined;
    }
    if (entry === undefined && this.#seen.size >= MAX_KEYS) this.#seen.clear();
    this.#seen.set(key, { since: now, held: 0 });
    return entry?.held ?? 0;
  }
}

/** Keys may come from outside; forgetting them all costs a few more log lines, not memory. */
const MAX_KEYS = 4096;

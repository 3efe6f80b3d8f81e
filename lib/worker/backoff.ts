/** Bounds of the pauses between tries, in milliseconds. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Pauses between tries of what keeps failing: each twice as long as the one
 * before, up to a bound, and shortened by up to a quarter at random so that many
 * sensors do not come back in the same instant.
 */
export class Backoff {
  readonly #bounds: BackoffBounds;
  #failures = 0;

  /** @param bounds shortest and longest pause */
  constructor(bounds: BackoffBounds) {
    this.#bounds = bounds;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Notes a failure and says how long to wait, in milliseconds. */
  next(): number {
    const pause = Math.min(this.#bounds.firstMs * 2 ** this.#failures, this.#bounds.lastMs);
    this.#failures++;
    return pause * (1 - Math.random() / 4);
  }

  /** Notes a success. */
  reset(): void {
    this.#failures = 0;
  }
}

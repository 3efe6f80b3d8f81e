/** One look at a consumer. */
export interface ConsumerLook {
  /** Messages that were not delivered yet. */
  readonly pending: number;
  /** Messages that were delivered and not acknowledged. */
  readonly ackPending: number;
  /** Deliveries so far. */
  readonly delivered: number;
}

/** Measures how long messages waited and not one was acknowledged, and how many waited at most. */
export class StandStill {
  #longestMs = 0;
  #mostWaiting = 0;
  #since: number | undefined;
  #acknowledged: number | undefined;

  /** Longest stand-still, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Most messages that waited at one look, delivered or not. */
  get mostWaiting(): number {
    return this.#mostWaiting;
  }

  /** @param now by a monotonic clock, in milliseconds */
  look({ pending, ackPending, delivered }: ConsumerLook, now: number): void {
    const waiting = pending + ackPending;
    this.#mostWaiting = Math.max(this.#mostWaiting, waiting);
    const acknowledged = delivered - ackPending;
    const moved = acknowledged !== this.#acknowledged;
    this.#acknowledged = acknowledged;
    if (waiting === 0 || moved || this.#since === undefined) {
      // The longest that it can have stood still began when something was waiting first.
      this.#since = waiting === 0 ? undefined : now;
      return;
    }
    this.#longestMs = Math.max(this.#longestMs, now - this.#since);
  }
}

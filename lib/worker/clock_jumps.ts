/** Below this within one look the clock is merely being disciplined, in milliseconds. */
const MIN_JUMP_MS = 10_000;

/**
 * Notices that the clock was set, by comparing it with one that nobody sets: a
 * sensor without a battery wakes in another decade, and what waits on its disk
 * must not look decades old once the time is known.
 */
export class ClockJumps {
  readonly #now: () => number;
  readonly #monotonic: () => number;
  #offset: number;

  /**
   * @param now clock, in milliseconds since the epoch
   * @param monotonic clock that only ever runs on, in milliseconds
   */
  constructor(now: () => number, monotonic: () => number = () => performance.now()) {
    this.#now = now;
    this.#monotonic = monotonic;
    this.#offset = now() - monotonic();
  }

  /** How far the clock was set forward since the last look, in milliseconds; 0 when it was not. */
  look(): number {
    const offset = this.#now() - this.#monotonic();
    const jump = Math.round(offset - this.#offset);
    this.#offset = offset;
    return Math.abs(jump) < MIN_JUMP_MS ? 0 : jump;
  }
}

/** A worker that was asked to stop has ended after so long, whatever its server and its disk do; in milliseconds. */
const STOP_WITHIN_MS = 7_000;

/** The time that a stopping worker has, shared out among its parts. */
export class StopDeadline {
  readonly #at: number;

  /** @param limitMs time for all of it, from now on; what the owner of the bus and the store needs is not in it */
  constructor(limitMs: number = STOP_WITHIN_MS) {
    this.#at = performance.now() + limitMs;
  }

  /** What is left, in milliseconds. */
  get leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /**
   * Waits for work, but not longer than there is time.
   *
   * @param limitMs most of that time for this part
   */
  async wait(work: Promise<unknown>, limitMs = Infinity): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) =>
      timer = setTimeout(resolve, Math.min(limitMs, this.leftMs))
    );
    try {
      await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

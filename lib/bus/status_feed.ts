import type { BusStatus } from "./bus.ts";

/** The state of a connection, for any number of onlookers. */
export class StatusFeed {
  #status: BusStatus;
  readonly #wakes = new Set<() => void>();

  /** @param status what it begins with */
  constructor(status: BusStatus) {
    this.#status = status;
  }

  /** The state now. */
  get current(): BusStatus {
    return this.#status;
  }

  /** Changes the state; nothing follows `closed`. */
  set(status: BusStatus): void {
    if (this.#status === "closed" || this.#status === status) return;
    this.#status = status;
    for (const wake of this.#wakes) wake();
  }

  /**
   * Yields the state at once and then each change. A slow onlooker misses what
   * was over before it looked, never the last state.
   */
  async *changes(): AsyncGenerator<BusStatus> {
    let wake: (() => void) | undefined;
    const woken = () => wake?.();
    this.#wakes.add(woken);
    try {
      let seen = this.#status;
      yield seen;
      while (seen !== "closed") {
        if (this.#status === seen) await new Promise<void>((resolve) => wake = resolve);
        if (this.#status === seen) continue;
        seen = this.#status;
        yield seen;
      }
    } finally {
      this.#wakes.delete(woken);
    }
  }
}

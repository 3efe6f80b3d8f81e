import { getLogger } from "@logtape/logtape";
import type { Store } from "../store/store.ts";
import { ClockJumps } from "./clock_jumps.ts";

const log = getLogger(["ttp", "worker"]);

/** Keeps the age of what waits on disk when the clock is set: it is given up by its age. */
export class ClockFollower {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #jumps: ClockJumps;
  /** By how much the clock was set and what waits does not know yet, in milliseconds. */
  #unfollowedMs = 0;

  /** @param now clock, in milliseconds since the epoch */
  constructor(store: Store, now: () => number) {
    this.#store = store;
    this.#now = now;
    this.#jumps = new ClockJumps(now);
  }

  /**
   * Looks at the clock; call it before anything is given up, and often.
   *
   * @throws {StoreError} when the database failed; the next call makes up for it
   */
  follow(): void {
    this.#unfollowedMs += this.#jumps.look();
    if (this.#unfollowedMs === 0) return;
    const { parked, outbox } = this.#store;
    const [jumpMs, now] = [this.#unfollowedMs, new Date(this.#now())];
    this.#store.transaction(() => {
      parked.redate(jumpMs, now);
      outbox.redate(jumpMs, now);
    });
    this.#unfollowedMs = 0;
    log.warn("the clock was set by {seconds} s; the age of what waits is kept", {
      seconds: Math.round(jumpMs / 1000),
    });
  }
}

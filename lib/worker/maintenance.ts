import type { Counters } from "../observe/counters.ts";
import type { Store } from "../store/store.ts";
import type { ClockFollower } from "./clock_follower.ts";
import type { Companion } from "./companion.ts";
import { keepHouse, type Retention } from "./housekeeping.ts";
import type { SuppressionReport } from "./outbox/suppression_report.ts";
import type { ParkedEvents } from "./pipeline/parked_events.ts";
import type { Wake } from "./wake.ts";
import { isLocked, whenUnlocked } from "./when_unlocked.ts";

/** What maintenance is done on. */
export interface MaintenanceParts {
  readonly store: Store;
  readonly counters: Counters;
  readonly clock: ClockFollower;
  readonly companions: readonly Companion[];
  readonly parked: ParkedEvents;
  readonly report: SuppressionReport;
  /** Woken when there are parked events to try. */
  readonly wake: Wake;
  readonly retention: () => Retention;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * What is done beside the loop, every second and at each poll tick. Another process that
 * holds the lock of the database delays it, and stops nothing.
 */
export class Maintenance {
  readonly #parts: MaintenanceParts;
  #stopping = false;

  /** @param parts what it is done on */
  constructor(parts: MaintenanceParts) {
    this.#parts = parts;
  }

  /** Waits no longer for a lock. */
  stop(): void {
    this.#stopping = true;
  }

  /** What is done at each poll tick. */
  async poll(): Promise<void> {
    const { store, counters, clock, retention, now } = this.#parts;
    await whenUnlocked(() => {
      clock.follow();
      keepHouse({ store, counters, retention: retention(), now });
    }, { counters, isOver: () => this.#stopping });
  }

  /** What is done every second; what finds the database locked is done a second later. */
  look(): void {
    const { clock, companions, parked, report, wake } = this.#parts;
    this.#unlessLocked(() => clock.follow());
    for (const companion of companions) this.#unlessLocked(() => companion.tick());
    this.#unlessLocked(() => parked.look());
    if (parked.hasWork) wake.wake();
    report.keep();
    report.announce();
  }

  #unlessLocked(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isLocked(error)) throw error;
      this.#parts.counters.add("database_busy");
    }
  }
}

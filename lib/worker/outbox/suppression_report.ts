import type { Counters } from "../../observe/counters.ts";
import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";
import type { Announcement } from "./announcements.ts";
import type { Health } from "../health/health.ts";
import { isLocked, whenUnlocked } from "../when_unlocked.ts";
import type { Suppressions } from "./suppressions.ts";

/** What reports of what was held back are made with. */
export interface SuppressionReportParts {
  readonly suppressions: Suppressions;
  readonly store: Store;
  readonly health: Health;
  readonly counters: Counters;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Writes announcements to the outbox. */
  readonly announce: (announcements: readonly Announcement[]) => void;
}

/**
 * Brings what was held back to the database and to the bus. What the database
 * does not take now stays due until it is asked to again.
 */
export class SuppressionReport {
  readonly #parts: SuppressionReportParts;

  /** @param parts what it works with */
  constructor(parts: SuppressionReportParts) {
    this.#parts = parts;
  }

  /** Adds to the sums of the hour. */
  keep(): void {
    const { suppressions, store, now } = this.#parts;
    this.#write(() => suppressions.keep((sums) => store.suppressed.add(sums, new Date(now()))));
  }

  /** Announces what is due. */
  announce(): void {
    const { suppressions, now, announce } = this.#parts;
    this.#write(() => suppressions.announce(now(), announce));
  }

  /**
   * Brings what is left, for the end of the program.
   *
   * @param limitMs how long it waits for another process that writes, in milliseconds
   */
  async finish(limitMs: number): Promise<void> {
    const { suppressions, store, now, announce, counters } = this.#parts;
    const endAt = performance.now() + limitMs;
    const isOver = (): boolean => performance.now() >= endAt;
    try {
      await whenUnlocked(() => {
        suppressions.keep((sums) => store.suppressed.add(sums, new Date(now())));
        suppressions.announce(now(), announce, true);
      }, { counters, isOver });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      counters.add("store_failures");
    }
  }

  #write(work: () => boolean): void {
    const { health, counters } = this.#parts;
    try {
      if (work()) health.recover("store");
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (isLocked(error)) {
        counters.add("database_busy");
        return;
      }
      counters.add("store_failures");
      health.degrade("store", error.message);
    }
  }
}

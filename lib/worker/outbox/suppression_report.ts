import type { Counters } from "../../observe/counters.ts";
import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";
import type { Announcement } from "./announcements.ts";
import type { Health } from "../health/health.ts";
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

  /**
   * Announces what is due.
   *
   * @param all also what was announced less than a minute ago, for the end of the program
   */
  announce(all: boolean = false): void {
    const { suppressions, now, announce } = this.#parts;
    this.#write(() => suppressions.announce(now(), announce, all));
  }

  #write(work: () => boolean): void {
    const { health, counters } = this.#parts;
    try {
      if (work()) health.recover("store");
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      counters.add("store_failures");
      health.degrade("store", error.message);
    }
  }
}

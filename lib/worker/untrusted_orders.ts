import { getLogger } from "@logtape/logtape";
import type { Counters } from "../observe/counters.ts";
import { Throttle } from "../observe/throttle.ts";

/** One line for each subject in so many milliseconds. */
const LOG_EVERY_MS = 60_000;

const log = getLogger(["ttp", "control"]);

/**
 * Counts the orders from the bus that are not obeyed: whoever can publish is not
 * therefore an operator of this sensor.
 */
export class UntrustedOrders {
  readonly #counters: Counters;
  readonly #throttle: Throttle;

  /**
   * @param counters gets `untrusted_orders` by subject
   * @param now clock, in milliseconds
   */
  constructor(counters: Counters, now: () => number) {
    this.#counters = counters;
    this.#throttle = new Throttle(LOG_EVERY_MS, now);
  }

  /**
   * Counts one.
   *
   * @param subject subject or pattern that it was sent to, one of a few
   */
  refuse(subject: string): void {
    this.#counters.add("untrusted_orders", subject);
    const more = this.#throttle.pass(subject);
    if (more === undefined) return;
    log.warn(
      "an order on {subject} is not obeyed: orders from the bus are obeyed only with " +
        "--trust-control ({more} more since)",
      { subject, more },
    );
  }
}

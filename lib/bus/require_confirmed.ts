import { BusError } from "./bus.ts";
import type { PublishOutcome } from "./publish_outcome.ts";

/**
 * Makes sure that all messages of a publication are confirmed.
 *
 * @throws {BusError} when one is not, with the message of the first such outcome
 */
export function requireConfirmed(outcomes: readonly PublishOutcome[]): void {
  for (const outcome of outcomes) {
    if (outcome.status !== "confirmed") throw new BusError(outcome.message);
  }
}

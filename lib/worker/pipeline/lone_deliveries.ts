import { getLogger } from "@logtape/logtape";
import type { Counters } from "../../observe/counters.ts";
import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";

/** A message that was begun so often and never ended is set aside. */
export const MAX_ATTEMPTS = 3;

const log = getLogger(["ttp", "worker"]);

/** A message that is kept as a file, and why. */
export interface SetAside {
  readonly failure: string;
  /** Name of the file. */
  readonly file: string;
}

/** Parts that lone deliveries touch. */
export interface LoneDeliveryParts {
  readonly store: Store;
  readonly counters: Counters;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Finds the message that ends or blocks the process: of one that is processed alone
 * the beginning is written down first, and its end with its rows. What was begun three
 * times and never ended is set aside whole. The server's own count will not do: it also
 * counts what the worker refused, and the neighbours of the message.
 */
export class LoneDeliveries {
  readonly #parts: LoneDeliveryParts;

  /** @param parts what it works with */
  constructor(parts: LoneDeliveryParts) {
    this.#parts = parts;
  }

  /**
   * Writes down that a message is about to be processed.
   *
   * @param key names the message over all its deliveries
   * @param body the whole of it
   * @returns nothing when it may be processed
   * @throws {StoreError} when that cannot be written
   */
  begin(key: string, subject: string, body: () => Uint8Array): SetAside | undefined {
    const { store, now, counters } = this.#parts;
    if (store.deliveryAttempts.count(key) < MAX_ATTEMPTS) {
      store.deliveryAttempts.begin(key, new Date(now()));
      return undefined;
    }
    const file = store.deadLetterFiles.keep(body());
    counters.add("set_aside", subject);
    log.error(
      "message on {subject} has ended or blocked the worker in each of {attempts} attempts; " +
        "it is kept as {file} in {directory}",
      { subject, attempts: MAX_ATTEMPTS, file, directory: store.deadLetterFiles.directory },
    );
    const failure = `it has ended or blocked the worker in each of ${MAX_ATTEMPTS} attempts`;
    return { failure, file };
  }

  /** Notes the end of a message, inside of the transaction that writes what came of it. */
  end(key: string): void {
    this.#parts.store.deliveryAttempts.end(key);
  }

  /** A message that was begun goes back where it came from: this attempt does not count. */
  cancel(key: string): void {
    try {
      this.#parts.store.deliveryAttempts.cancel(key);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      log.warn("an attempt that was broken off counts as a failed one: {reason}", {
        reason: error.message,
      });
    }
  }
}

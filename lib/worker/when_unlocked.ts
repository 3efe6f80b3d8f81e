import { setTimeout } from "node:timers/promises";
import type { Counters } from "../observe/counters.ts";
import { StoreError } from "../store/sqlite/errors.ts";
import { Backoff, type BackoffBounds } from "./backoff.ts";

/**
 * Milliseconds that SQLite itself waits for the lock of another process. It sleeps on the
 * only thread: whoever needs longer tries again later, and everything else goes on.
 */
export const LOCK_WAIT_MS = 5;

/** Pauses between tries while another process holds the lock, in milliseconds. */
export const LOCK_BACKOFF: BackoffBounds = { firstMs: 10, lastMs: 100 };

/** Whether a failure is no more than the lock of another process. */
export function isLocked(error: unknown): boolean {
  return error instanceof StoreError && error.code === "locked";
}

/** When waiting for a lock ends. */
export interface LockWait {
  /** Counts each try that found the lock held, as `database_busy`. */
  readonly counters: Counters;
  /** Asked before each further try: whether there is no more waiting. */
  readonly isOver?: () => boolean;
}

/**
 * Does work on the database, again and again while another process holds its lock, and
 * lets everything else go on in between.
 *
 * @param work is done as a whole or not at all, and may be done again
 * @returns what the work returned
 * @throws {StoreError} `locked` when there is no more waiting; whatever else the work threw at once
 */
export async function whenUnlocked<T>(
  work: () => T,
  { counters, isOver = () => false }: LockWait,
): Promise<T> {
  const backoff = new Backoff(LOCK_BACKOFF);
  while (true) {
    try {
      return work();
    } catch (error) {
      if (!isLocked(error) || isOver()) throw error;
      counters.add("database_busy");
      await setTimeout(backoff.next());
    }
  }
}

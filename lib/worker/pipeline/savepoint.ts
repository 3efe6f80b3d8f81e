import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";

/**
 * Does the work of one event within a savepoint, so that its failure is its own:
 * what it wrote is undone and the rest of the batch goes on.
 *
 * @returns what went wrong, or nothing
 * @throws {StoreError} when not the event but the database failed; the batch must be undone then
 */
export function withSavepoint(store: Store, work: () => void): string | undefined {
  try {
    store.transaction(work);
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** One event of a batch failed, and what it has written is not undone yet. */
export class EventFailed extends Error {}

/**
 * Does the work of one event without a way to undo it alone, for nearly all of them
 * need none, and a savepoint for each is a tenth of the work.
 *
 * @throws {EventFailed} when it failed; the batch must be undone, and each event given a savepoint when it is tried again
 * @throws {StoreError} when not the event but the database failed; the batch must be undone then
 */
export function withoutSavepoint(_store: Store, work: () => void): undefined {
  try {
    work();
  } catch (error) {
    throw new EventFailed(failureOf(error));
  }
}

/**
 * Says why an event failed.
 *
 * @throws {StoreError} the error itself when the database failed
 */
export function failureOf(error: unknown): string {
  if (error instanceof StoreError && !error.ownFault) throw error;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import { StoreError } from "../../store/sqlite/errors.ts";
import type { Store } from "../../store/store.ts";

/**
 * Does one piece of a batch so that its failure is its own: what it wrote is
 * undone and the rest of the batch goes on.
 *
 * @returns what went wrong, or nothing
 * @throws {StoreError} when not the piece but the database failed; the batch must be undone then
 */
export function isolate(store: Store, work: () => void): string | undefined {
  try {
    store.transaction(work);
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

/** A piece of a batch failed, and what it has written is not undone yet. */
export class PieceFailed extends Error {}

/**
 * Does one piece of a batch without a way to undo it alone, for nearly all of them
 * need none, and a savepoint for each is a tenth of the work.
 *
 * @throws {PieceFailed} when it failed; the batch must be undone, and each piece isolated when it is tried again
 * @throws {StoreError} when not the piece but the database failed; the batch must be undone then
 */
export function attempt(_store: Store, work: () => void): undefined {
  try {
    work();
  } catch (error) {
    throw new PieceFailed(failureOf(error));
  }
}

/** @throws {StoreError} the error itself when the database failed */
function failureOf(error: unknown): string {
  if (error instanceof StoreError && !error.ownFault) throw error;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

import { StoreError } from "../store/errors.ts";
import type { Store } from "../store/store.ts";

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
    if (error instanceof StoreError && !error.ownFault) throw error;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

import type { Store } from "../store.ts";

/** How much room a database takes, in bytes. */
export interface Space {
  /** The file. */
  readonly total: number;
  /** Of it, what holds nothing any more and is used again before the file grows. */
  readonly free: number;
}

/** Pages given back at a time, 8 MiB: the worker can write in between. */
const SLICE_PAGES = 2048;

/** How much room a database takes. */
export function spaceOf({ database }: Store): Space {
  const page = Number(database.scalar("PRAGMA page_size"));
  return {
    total: Number(database.scalar("PRAGMA page_count")) * page,
    free: Number(database.scalar("PRAGMA freelist_count")) * page,
  };
}

/**
 * Gives room that holds nothing back to the disk, in slices. `VACUUM` would copy
 * the whole file, and the runtime refuses it under narrow permissions.
 *
 * @returns slices that it took
 * @throws {StoreError} when the database failed, e.g. stayed locked
 */
export function releaseSpace(store: Store): number {
  let slices = 0;
  for (let left = Infinity; left > 0;) {
    store.database.run(`PRAGMA incremental_vacuum(${SLICE_PAGES})`);
    slices++;
    const { free } = spaceOf(store);
    // Somebody who writes at the same time can leave as much as was given back.
    if (free >= left) break;
    left = free;
  }
  return slices;
}

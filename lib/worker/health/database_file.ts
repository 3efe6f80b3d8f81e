import { getLogger } from "@logtape/logtape";
import type { Store } from "../../store/store.ts";
import type { Companion, CompanionHost } from "../companion.ts";

const log = getLogger(["ttp", "store"]);

/**
 * Tells of a database that is no longer what is at its path, or that was damaged, and of
 * what could be put right (see `FileGuard`): nothing is committed, nor acknowledged,
 * until it is.
 */
export class DatabaseFile implements Companion {
  readonly #store: Store;
  #host: Pick<CompanionHost, "health" | "counters"> | undefined;

  /** @param store one that is open; its file is guarded from now on */
  constructor(store: Store) {
    this.#store = store;
    store.guardFile();
  }

  /** Learns whose health it is. */
  start(host: Pick<CompanionHost, "health" | "counters">): void {
    this.#host = host;
  }

  /** Looks at the file, also while nothing is written. */
  tick(): void {
    const guard = this.#store.guardFile();
    let fault: string | undefined;
    try {
      guard.verify();
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
    const notices = guard.takeNotices();
    for (const { event, text, lostPages } of notices) {
      this.#host?.counters.add("database_file_events", event);
      if (lostPages > 0) log.error("{text}", { text });
      else log.warn("{text}", { text });
    }
    if (fault === undefined) {
      if (this.#host?.health.recover("file") === true) log.info("the database is well again");
    } else if (
      this.#host?.health.degrade("file", fault) === true &&
      notices.every(({ text }) => text !== fault)
    ) log.error("{fault}", { fault });
  }

  /** Saves what only this process can still read. */
  async stop(): Promise<void> {
    const saved = await this.#store.guardFile().saveRemoved();
    if (saved !== undefined) {
      log.error("the database was removed while it was in use; what it held is saved as {saved}", {
        saved,
      });
    }
  }
}

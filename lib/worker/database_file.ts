import { getLogger } from "@logtape/logtape";
import { fileIdentity } from "../store/file_identity.ts";
import type { Companion, CompanionHost } from "./companion.ts";

const log = getLogger(["ttp", "store"]);

/**
 * Sees when the database is no longer the file at its path: all that is written
 * succeeds then, and is gone when the worker ends.
 */
export class DatabaseFile implements Companion {
  readonly #path: string;
  readonly #identity: string | undefined;
  #host: Pick<CompanionHost, "health"> | undefined;

  /** @param path of a database that is open */
  constructor(path: string) {
    this.#path = path;
    this.#identity = fileIdentity(path);
  }

  /** Learns whose health it is. */
  start(host: Pick<CompanionHost, "health">): void {
    this.#host = host;
  }

  /** Looks whether the file is still there. */
  tick(): void {
    if (fileIdentity(this.#path) === this.#identity) {
      this.#host?.health.recover("file");
      return;
    }
    const reason = `database ${this.#path} was moved, removed or replaced, and what comes now is ` +
      "kept in the old one alone; start the worker again";
    if (this.#host?.health.degrade("file", reason) === true) log.error("{reason}", { reason });
  }

  /** Nothing is left to do. */
  stop(): Promise<void> {
    return Promise.resolve();
  }
}

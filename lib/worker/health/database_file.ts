import { getLogger } from "@logtape/logtape";
import type { Database, TransactionMember } from "../../store/sqlite/database.ts";
import { StoreError } from "../../store/sqlite/errors.ts";
import { fileIdentity } from "../../store/sqlite/file_identity.ts";
import type { Companion, CompanionHost } from "../companion.ts";

const log = getLogger(["ttp", "store"]);

/**
 * Sees when the database is no longer the file at its path. What is written then
 * would succeed and be gone when the worker ends, so that nothing is committed, nor
 * acknowledged, until the file is back.
 */
export class DatabaseFile implements Companion, TransactionMember {
  readonly #path: string;
  readonly #identity: string | undefined;
  #host: Pick<CompanionHost, "health"> | undefined;

  /** @param database one that is open; it takes part in its transactions from now on */
  constructor(database: Pick<Database, "file" | "join">) {
    this.#path = database.file;
    this.#identity = fileIdentity(database.file);
    database.join(this);
  }

  /** Learns whose health it is. */
  start(host: Pick<CompanionHost, "health">): void {
    this.#host = host;
  }

  /** Looks whether the file is still there, also while nothing is written. */
  tick(): void {
    if (this.#isThere()) {
      this.#host?.health.recover("file");
      return;
    }
    const reason = this.#reason();
    if (this.#host?.health.degrade("file", reason) === true) log.error("{reason}", { reason });
  }

  /** Nothing is left to do. */
  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws {StoreError} `moved` while the file is not there; the transaction is undone then */
  committing(): void {
    if (!this.#isThere()) throw new StoreError("moved", this.#reason());
  }

  #isThere(): boolean {
    return fileIdentity(this.#path) === this.#identity;
  }

  #reason(): string {
    return `database ${this.#path} was moved, removed or replaced; put it back, or start the ` +
      "worker again for a new one";
  }
}

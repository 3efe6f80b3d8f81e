import { createHash } from "node:crypto";
import { join } from "node:path";
import { StoreError } from "../sqlite/errors.ts";

/** How much may be kept. */
export interface DeadLetterFileLimits {
  /** Files; 100 by default. */
  readonly maxFiles?: number;
  /** Bytes of all of them; 128 MiB by default. */
  readonly maxBytes?: number;
}

/** A file that no row names is left alone for so long, in milliseconds: its row may be about to be written. */
const GRACE_MS = 10 * 60_000;

/** Names say nothing of what is in a file, and none leads elsewhere. */
const NAME_REGEXP = /^[0-9a-f]{32}\.event$/;

/** What is written before it gets its name. */
const DRAFT_REGEXP = /^[0-9a-f]{32}\.event\.tmp$/;

/** A file that is kept. */
interface Kept {
  readonly name: string;
  readonly bytes: number;
  readonly changedMs: number;
}

/**
 * Whole messages as files in a folder beside the database, for those that are too
 * large or too dangerous for a row. The oldest go when there are too many.
 */
export class DeadLetterFiles {
  /** Path of the folder. */
  readonly directory: string;
  readonly #maxFiles: number;
  readonly #maxBytes: number;

  /** @param database path of the database */
  constructor(
    database: string,
    { maxFiles = 100, maxBytes = 128 * 1024 ** 2 }: DeadLetterFileLimits = {},
  ) {
    this.directory = `${database}.dead-letters`;
    this.#maxFiles = maxFiles;
    this.#maxBytes = maxBytes;
  }

  /**
   * Writes a message so that it is there as a whole or not at all, for its owner alone.
   * The same message gets the same name.
   *
   * @returns name of the file
   * @throws {StoreError} when it cannot be written
   */
  keep(data: Uint8Array): string {
    const name = `${createHash("sha256").update(data).digest("hex").slice(0, 32)}.event`;
    const path = join(this.directory, name);
    const draft = `${path}.tmp`;
    try {
      Deno.mkdirSync(this.directory, { recursive: true, mode: 0o700 });
      {
        using file = Deno.openSync(draft, {
          write: true,
          create: true,
          truncate: true,
          mode: 0o600,
        });
        for (let written = 0; written < data.length;) {
          written += file.writeSync(data.subarray(written));
        }
        file.syncSync();
      }
      Deno.renameSync(draft, path);
      this.#removeOldest(name);
    } catch (error) {
      throw this.#failure("written", error);
    }
    return name;
  }

  /** A message that is kept; nothing when its file has gone. */
  read(name: string): Uint8Array | undefined {
    if (!NAME_REGEXP.test(name)) return undefined;
    try {
      return Deno.readFileSync(join(this.directory, name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#failure("read", error);
    }
  }

  /** Names of files in which a text is the whole of a JSON string. */
  naming(text: string): readonly string[] {
    const sought = JSON.stringify(text);
    return this.#kept()
      .map(({ name }) => name)
      .filter((name) => new TextDecoder().decode(this.read(name)).includes(sought));
  }

  /** Removes a file, if it is there. */
  remove(name: string): void {
    if (NAME_REGEXP.test(name)) this.#remove(name);
  }

  #remove(name: string): void {
    try {
      Deno.removeSync(join(this.directory, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw this.#failure("removed", error);
    }
  }

  /**
   * Removes files that no dead letter names any more, and drafts that were never finished.
   *
   * @param named files that are named
   * @param nowMs milliseconds since the epoch
   */
  sweep(named: ReadonlySet<string>, nowMs: number): void {
    for (const { name, changedMs } of [...this.#kept(), ...this.#kept(DRAFT_REGEXP)]) {
      if (!named.has(name) && nowMs - changedMs > GRACE_MS) this.#remove(name);
    }
  }

  #removeOldest(newest: string): void {
    const kept = this.#kept().filter(({ name }) => name !== newest)
      .sort((a, b) => b.changedMs - a.changedMs);
    let files = 1;
    let bytes = Deno.statSync(join(this.directory, newest)).size;
    for (const file of kept) {
      files += 1;
      bytes += file.bytes;
      if (files > this.#maxFiles || bytes > this.#maxBytes) this.remove(file.name);
    }
  }

  #kept(names: RegExp = NAME_REGEXP): readonly Kept[] {
    const kept: Kept[] = [];
    try {
      for (const { name } of Deno.readDirSync(this.directory)) {
        if (!names.test(name)) continue;
        const { size, mtime } = Deno.statSync(join(this.directory, name));
        kept.push({ name, bytes: size, changedMs: mtime?.getTime() ?? 0 });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw this.#failure("listed", error);
    }
    return kept;
  }

  #failure(done: string, error: unknown): StoreError {
    const reason = error instanceof Error ? error.message : String(error);
    return new StoreError(
      "io",
      `dead letters in ${this.directory} cannot be ${done}: ${reason}; ` +
        "make room on the disk, and make the folder writable for this user",
      error,
    );
  }
}

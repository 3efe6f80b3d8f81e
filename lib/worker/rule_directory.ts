import { join } from "node:path";
import { Wake } from "./wake.ts";

/** A burst of changes is over after so much quiet, in milliseconds. */
const SETTLE_MS = 100;

/** A burst that does not end is looked at anyway after so long, in milliseconds. */
const MAX_SETTLE_MS = 300;

/** How often the directory is looked at where the system does not tell of changes, in milliseconds. */
const LOOK_MS = 1_000;

/** A file of rules is never this large by intent. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Rule files, not what editors leave beside them. */
const RULE_FILE_REGEXP = /^[^.].*\.ya?ml$/;

/** One file as it was read. */
export interface DirectoryFile {
  /** Path as it is named in diagnostics. */
  readonly name: string;
  readonly text: string;
}

/** The directory of an operator's own rules cannot be read. */
export class RuleDirectoryError extends Error {
  override readonly name = "RuleDirectoryError";
}

/**
 * Reads the rule files of a directory and of its `intel/` directory, sorted by name.
 *
 * @throws {RuleDirectoryError} when the directory or one of its files cannot be read, or a file is too large to be one of rules
 */
export function readRuleDirectory(path: string): readonly DirectoryFile[] {
  return filesOf(path).map((name) => ({ name, text: readText(name) }));
}

/**
 * Tells when something in a directory of rules has changed and has been quiet
 * since: renames over a file, several saves in a row and a directory that goes
 * and comes back all count once.
 */
export class RuleDirectoryWatch implements AsyncIterable<void> {
  readonly #path: string;
  readonly #wake = new Wake();
  readonly #closing = new Wake();
  #watcher: Deno.FsWatcher | undefined;
  #closed = false;

  /** @param path directory of rules */
  constructor(path: string) {
    this.#path = path;
    this.#watch();
  }

  /** Ends the iteration. */
  close(): void {
    this.#closed = true;
    this.#watcher?.close();
    this.#wake.wake();
    this.#closing.wake();
  }

  /** Yields once for each settled change, until `close()`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<void> {
    let seen = signature(this.#path);
    while (!this.#closed) {
      await this.#wake.wait(LOOK_MS);
      if (this.#closed) return;
      if (signature(this.#path) === seen) continue;
      seen = await this.#settled();
      if (this.#closed) return;
      yield;
    }
  }

  async #settled(): Promise<string> {
    const deadline = performance.now() + MAX_SETTLE_MS;
    let seen = signature(this.#path);
    while (!this.#closed && performance.now() < deadline) {
      const before = seen;
      await this.#closing.wait(SETTLE_MS);
      seen = signature(this.#path);
      if (seen === before) break;
    }
    return seen;
  }

  /** What the system tells only shortens the wait: the look at the directory decides. */
  #watch(): void {
    try {
      this.#watcher = Deno.watchFs(this.#path, { recursive: true });
    } catch {
      return;
    }
    const watcher = this.#watcher;
    void (async () => {
      for await (const _ of watcher) this.#wake.wake();
    })();
  }
}

/** Changes whenever a rule file comes, goes, or is written. */
function signature(path: string): string {
  const parts: string[] = [];
  try {
    for (const name of filesOf(path)) {
      const { mtime, size, ino } = Deno.statSync(name);
      parts.push(`${name} ${mtime?.getTime()} ${size} ${ino}`);
    }
  } catch (error) {
    return `unreadable: ${error instanceof Error ? error.name : error}`;
  }
  return parts.join("\n");
}

function filesOf(path: string): readonly string[] {
  const names = namesIn(path, path);
  const intel = join(path, "intel");
  return [...names, ...(exists(intel) ? namesIn(intel, path) : [])];
}

function namesIn(folder: string, root: string): readonly string[] {
  try {
    return Array.from(Deno.readDirSync(folder))
      .filter((entry) => !entry.isDirectory && RULE_FILE_REGEXP.test(entry.name))
      .map((entry) => join(folder, entry.name))
      .sort();
  } catch (error) {
    throw new RuleDirectoryError(`cannot read the rule directory ${root}: ${describe(error)}`);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function readText(name: string): string {
  let bytes: Uint8Array;
  try {
    const { size } = Deno.statSync(name);
    if (size > MAX_FILE_BYTES) {
      throw new RuleDirectoryError(
        `${name} has ${size} bytes; a rule file has at most ${MAX_FILE_BYTES}: split it, one rule a file`,
      );
    }
    bytes = Deno.readFileSync(name);
  } catch (error) {
    if (error instanceof RuleDirectoryError) throw error;
    throw new RuleDirectoryError(`cannot read ${name}: ${describe(error)}`);
  }
  return new TextDecoder().decode(bytes);
}

/** The runtime's own words name the path again. */
function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

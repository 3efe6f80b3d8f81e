import { join } from "node:path";
import type { RuleFile } from "../../rules/format/load.ts";
import { Wake } from "../wake.ts";

/** A burst of changes is over after so much quiet, in milliseconds. */
const SETTLE_MS = 100;

/** A burst that does not end is looked at anyway after so long, in milliseconds. */
const MAX_SETTLE_MS = 300;

/** How often the directory is looked at where the system does not tell of changes, in milliseconds. */
const LOOK_MS = 1_000;

/** How often it is asked whether the path still leads to the same directory, in milliseconds. */
const PLACE_MS = 200;

/** A file of rules is never this large by intent; larger ones are not read. */
const MAX_FILE_BYTES = 1024 * 1024;

/** Folders inside folders that are read; links may lead in a circle. */
const MAX_DEPTH = 4;

/** Rule files, not what editors leave beside them. */
const RULE_FILE_REGEXP = /^[^.].*\.ya?ml$/;

/** The directory of an operator's own rules cannot be read. */
export class RuleDirectoryError extends Error {
  override readonly name = "RuleDirectoryError";
}

/**
 * Reads the rule files of a directory and of the folders in it, sorted by name;
 * those in a folder `intel` are intel tables. A file that cannot be read is among them and says why.
 *
 * @throws {RuleDirectoryError} when the directory cannot be read
 */
export function readRuleDirectory(path: string): readonly RuleFile[] {
  return filesOf(path).flatMap((name) => fileAt(name) ?? []);
}

/**
 * Tells when something in a directory of rules has changed and has been quiet
 * since: renames over a file, several saves in a row, a directory that goes and
 * comes back and one that a link is turned to all count once.
 */
export class RuleDirectoryWatch implements AsyncIterable<void> {
  readonly #path: string;
  readonly #wake = new Wake();
  readonly #closing = new Wake();
  #seen: string;
  #watcher: Deno.FsWatcher | undefined;
  /** Which directory is watched. */
  #place: string | undefined;
  #due = 0;
  #closed = false;

  /**
   * @param path directory of rules
   * @param seen its signature when it was read last
   */
  constructor(path: string, seen: string = directorySignature(path)) {
    this.#path = path;
    this.#seen = seen;
    this.#watch();
  }

  /** Tells of a change, whether or not there is one. */
  look(): void {
    this.#seen = "";
    this.#tell();
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
    while (!this.#closed) {
      const now = performance.now();
      if (this.#place !== placeOf(this.#path)) this.#watch();
      if (now >= this.#due) {
        this.#due = now + LOOK_MS;
        if (directorySignature(this.#path) !== this.#seen) {
          await this.#settle();
          if (!this.#closed) yield;
          continue;
        }
      }
      await this.#wake.wait(PLACE_MS);
    }
  }

  async #settle(): Promise<void> {
    const deadline = performance.now() + MAX_SETTLE_MS;
    let before: string;
    this.#seen = directorySignature(this.#path);
    do {
      before = this.#seen;
      await this.#closing.wait(SETTLE_MS);
      this.#seen = directorySignature(this.#path);
    } while (!this.#closed && this.#seen !== before && performance.now() < deadline);
  }

  #tell(): void {
    this.#due = 0;
    this.#wake.wake();
  }

  /** What the system tells only shortens the wait: the look at the directory decides. */
  #watch(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#place = placeOf(this.#path);
    this.#due = 0;
    try {
      this.#watcher = Deno.watchFs(this.#path, { recursive: true });
    } catch {
      return;
    }
    const watcher = this.#watcher;
    void (async () => {
      for await (const _ of watcher) this.#tell();
    })();
  }
}

/** Changes whenever a rule file of a directory comes, goes, or is written. */
export function directorySignature(path: string): string {
  try {
    return filesOf(path).map(fileSignature).join("\n");
  } catch (error) {
    return `unreadable: ${error instanceof Error ? error.name : error}`;
  }
}

function fileSignature(name: string): string {
  try {
    const { mtime, ctime, size, ino } = Deno.statSync(name);
    return `${name} ${mtime?.getTime()} ${ctime?.getTime()} ${size} ${ino}`;
  } catch (error) {
    return `${name} ${error instanceof Error ? error.name : error}`;
  }
}

/** Which directory a path leads to; nothing when to none. */
function placeOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

function filesOf(path: string): readonly string[] {
  try {
    return filesBelow(path, MAX_DEPTH);
  } catch (error) {
    throw new RuleDirectoryError(`cannot read the rule directory ${path}: ${describe(error)}`);
  }
}

/** Files of a folder, then those of the folders in it, each sorted by name. */
function filesBelow(folder: string, depth: number): readonly string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
    .filter((name) => !name.startsWith("."))
    .sort();
  const paths = names.map((name) => [name, join(folder, name)] as const);
  const isFolder = new Map(paths.map(([name, path]) => [name, isDirectory(path)]));
  return [
    ...paths.filter(([name]) => !isFolder.get(name) && RULE_FILE_REGEXP.test(name)),
    ...paths.filter(([name]) => isFolder.get(name) && depth > 0),
  ].flatMap(([name, path]) => isFolder.get(name) ? filesBelow(path, depth - 1) : [path]);
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** @returns nothing for a file that went since it was listed */
function fileAt(name: string): RuleFile | undefined {
  try {
    const { isFile, size } = Deno.statSync(name);
    // A pipe would be waited on for ever.
    if (!isFile) return unreadable(name, "it is not an ordinary file");
    if (size > MAX_FILE_BYTES) {
      const most = `a rule file has at most ${MAX_FILE_BYTES}`;
      return unreadable(name, `it has ${size} bytes; ${most}: split it, one rule a file`);
    }
    return {
      name,
      text: new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(name)),
    };
  } catch (error) {
    if (error instanceof TypeError) return unreadable(name, "it is not text in UTF-8");
    if (error instanceof Deno.errors.NotFound && !isLink(name)) return undefined;
    return unreadable(name, describe(error));
  }
}

function unreadable(name: string, why: string): RuleFile {
  return { name, text: "", unreadable: `the file cannot be read: ${why}` };
}

/** A link that leads nowhere is there all the same. */
function isLink(name: string): boolean {
  try {
    return Deno.lstatSync(name).isSymlink;
  } catch {
    return false;
  }
}

/** The runtime's own words name the path again. */
function describe(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.NotADirectory) return "it is not a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message : String(error);
}

import { dirname, join } from "node:path";
import { EXIT, Exit } from "../exit.ts";
import { Terminal } from "./terminal.ts";

/**
 * Writes a file that is there as a whole or not at all: who reads it meanwhile,
 * such as a web server, gets the old one. A pipe or a device is written to as it is.
 *
 * @param write given a function that takes the text piece by piece
 * @throws {Exit} with code 2 when it cannot be written
 */
export function writeWholeFile(
  path: string,
  write: (out: (text: string) => void) => void,
): void {
  using file = new WholeFile(path);
  const sink = new Terminal({ stdout: file, stderr: file, name: path });
  write((text) => sink.write(text));
  sink.flush();
  file.finish();
}

/** A file beside the one that it takes the place of when it is finished. */
class WholeFile implements Disposable {
  readonly #path: string;
  readonly #beside: string | undefined;
  readonly #file: Deno.FsFile;
  #isWhole = false;

  /**
   * Begins to write.
   *
   * @throws {Exit} with code 2 when it cannot be written
   */
  constructor(path: string) {
    const mode = trying(path, () => modeOf(path));
    // A link goes on to lead there.
    this.#path = typeof mode === "number" ? trying(path, () => Deno.realPathSync(path)) : path;
    this.#beside = mode === "special"
      ? undefined
      : join(dirname(this.#path), `.${crypto.randomUUID()}.tmp`);
    // What attackers did, and from where, is not for every user of the host.
    this.#file = trying(
      path,
      () =>
        this.#beside === undefined
          ? Deno.openSync(path, { write: true })
          : Deno.openSync(this.#beside, { write: true, createNew: true, mode: 0o600 }),
    );
    if (typeof mode === "number") Deno.chmodSync(this.#beside!, mode);
  }

  /**
   * Writes the next bytes of it.
   *
   * @returns how many of them
   */
  writeSync(bytes: Uint8Array): number {
    return this.#file.writeSync(bytes);
  }

  /**
   * Puts what was written in the place of what was there.
   *
   * @throws {Exit} with code 2 when that cannot be done
   */
  finish(): void {
    if (this.#beside !== undefined) {
      trying(this.#path, () => Deno.renameSync(this.#beside!, this.#path));
    }
    this.#isWhole = true;
  }

  /** Takes away what did not become whole. */
  [Symbol.dispose](): void {
    this.#file.close();
    if (!this.#isWhole && this.#beside !== undefined) Deno.removeSync(this.#beside);
  }
}

/** Who may read the file that is there. */
function modeOf(path: string): number | "special" | undefined {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile ? (mode ?? 0o600) & 0o777 : "special";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function trying<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Exit(EXIT.usage, `cannot write ${path}: ${reason}`);
  }
}

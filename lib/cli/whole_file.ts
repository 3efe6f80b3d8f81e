import { dirname, join } from "node:path";
import { EXIT, Exit } from "./exit.ts";

/**
 * Writes a file that is there as a whole or not at all: who reads it meanwhile,
 * such as a web server, gets the old one.
 *
 * @throws {Exit} with code 2 when it cannot be written
 */
export function writeWholeFile(path: string, text: string): void {
  try {
    // What attackers did, and from where, is not for every user of the host.
    const mode = modeOf(path);
    if (mode === "special") return Deno.writeTextFileSync(path, text);
    const beside = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
    try {
      Deno.writeTextFileSync(beside, text, { createNew: true, mode: 0o600 });
      if (mode !== undefined) Deno.chmodSync(beside, mode);
      Deno.renameSync(beside, path);
    } catch (error) {
      removeIfThere(beside);
      throw error;
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Exit(EXIT.usage, `cannot write ${path}: ${reason}`);
  }
}

/** Who may read the file that is there; a pipe or a device is written to as it is. */
function modeOf(path: string): number | "special" | undefined {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile ? (mode ?? 0o600) & 0o777 : "special";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

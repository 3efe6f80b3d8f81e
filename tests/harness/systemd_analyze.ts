import { join } from "node:path";
import { tryProgram, unpackDebianPackage } from "./debian_package.ts";

/** What `systemd-analyze` said. */
export interface Analysis {
  readonly ok: boolean;
  readonly output: string;
}

/**
 * Runs the host's `systemd-analyze`, or the distribution's, unpacked beside the
 * tests, where the host has none.
 *
 * @throws {Error} saying how to get it when it cannot be had
 */
export async function systemdAnalyze(args: readonly string[]): Promise<Analysis> {
  const [program, ...before] = await analyzer();
  const { ok, output } = await tryProgram(program!, [...before, ...args]);
  return { ok, output };
}

async function analyzer(): Promise<readonly string[]> {
  if ((await tryProgram("systemd-analyze", ["--version"])).ok) return ["systemd-analyze"];
  try {
    const [systemd, shared] = [
      await unpackDebianPackage("systemd"),
      await unpackDebianPackage("libsystemd-shared"),
    ];
    const libraries = Array.from(
      Deno.readDirSync(join(shared, "usr/lib")),
      ({ name }) => join(shared, "usr/lib", name, "systemd"),
    );
    const found = [
      "env",
      `LD_LIBRARY_PATH=${libraries.join(":")}`,
      join(systemd, "usr/bin/systemd-analyze"),
    ];
    const { ok, output } = await tryProgram(found[0]!, [...found.slice(1), "--version"]);
    if (!ok) throw new Error(output);
    return found;
  } catch (error) {
    throw new Error(`no systemd-analyze; install it with apt-get install systemd: ${error}`);
  }
}

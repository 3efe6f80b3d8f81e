import { join } from "node:path";
import type { DenoCache } from "./deno_cache.ts";
import type { Target } from "./runtimes.ts";

/** `e_machine` of the ELF header, by platform; see elf(5). */
const MACHINES: ReadonlyMap<number, Target> = new Map([
  [62, "x86_64-unknown-linux-gnu"],
  [183, "aarch64-unknown-linux-gnu"],
]);

/** Where `e_machine` stands in the header, in bytes. */
const MACHINE_AT = 18;

const ELF_MAGIC = "\x7fELF";

/**
 * For which platform a base executable is.
 *
 * @throws {Error} when it cannot be read or is for none of ours
 */
export async function denortTarget(path: string): Promise<Target> {
  const header = new Uint8Array(MACHINE_AT + 2);
  try {
    using file = await Deno.open(path);
    await file.read(header);
  } catch (error) {
    throw new Error(
      `DENORT_BIN=${path} cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
  const target = new TextDecoder("latin1").decode(header.subarray(0, 4)) === ELF_MAGIC
    ? MACHINES.get(new DataView(header.buffer).getUint16(MACHINE_AT, true))
    : undefined;
  if (target === undefined) {
    throw new Error(`DENORT_BIN=${path} is no Linux executable for any platform that is built for`);
  }
  return target;
}

/**
 * Is an executable the program, on the Deno that builds it? Some other program in the
 * place of the base executable may well end without an error.
 *
 * @param said what it answers to `version --json`
 * @param version of the program
 */
export function isThisProgram(said: string, version: string): boolean {
  try {
    const facts = JSON.parse(said);
    return facts.version === version && facts.runtime === `deno ${Deno.version.deno}`;
  } catch {
    return false;
  }
}

/** The causes that `deno compile` lists, the innermost last. */
const CAUSE_REGEXP = /^\s*\d+: (.+)$/gm;

/**
 * Says in plain words why `deno compile` failed and what helps.
 *
 * @param stderr what it said
 * @param cache where it looks for its base executable before it fetches it
 */
export function compileFailure(
  stderr: string,
  target: Target,
  { denoDir }: Pick<DenoCache, "denoDir">,
): string {
  const url = /https:\/\/\S*denort-\S*?\.zip/.exec(stderr)?.[0];
  if (url === undefined) return `deno compile failed for ${target}: ${stderr.trim()}`;
  const said = stderr.split("Stack backtrace:")[0]!;
  const reason = [...said.matchAll(CAUSE_REGEXP)].at(-1)?.[1] ?? "no connection";
  const { host, pathname } = new URL(url);
  return `deno compile needs its base executable, denort of Deno ${Deno.version.deno} for ${target},
and this machine cannot fetch it from ${host}: ${reason.trim()}.

Any one of these helps:
  deno task pack
      makes a single file as well, and needs the npm registry only
  DENORT_BIN=/path/to/denort deno task compile
      with the file out of ${url}
  ${join(denoDir, "dl", pathname)}
      is where that archive is looked for before it is fetched: put it there`;
}

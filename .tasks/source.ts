import { dirname, join } from "node:path";
import manifest from "../deno.json" with { type: "json" };

/** Root of the project. */
export const PROJECT = new URL("../", import.meta.url).pathname;

/** Where built files go. */
export const DIST = join(PROJECT, "dist");

/** Version of the program. */
export const VERSION: string = manifest.version;

/** What the program is made of. */
const SOURCES = ["main.ts", "lib", "deno.json", "deno.lock"];

/** What else decides how the built file looks. */
const BUILDERS = [".tasks"];

/** What is built, as version control knows it. */
export interface Revision {
  /** Commit, with `-dirty` behind it when files differ from it; empty in a copy without history. */
  readonly commit: string;
  /** When it was committed, in seconds since the epoch; 0 when that is not known. */
  readonly seconds: number;
}

/** Asks git what is checked out. `SOURCE_DATE_EPOCH` gives the time in a copy without history. */
export async function revision(): Promise<Revision> {
  const said = Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? "0");
  const head = await git("log", "-1", "--format=%H %ct");
  if (head === undefined) return { commit: "", seconds: said };
  const [commit = "", seconds = "0"] = head.split(" ");
  const changed = await git("status", "--porcelain", "--", ...SOURCES, ...BUILDERS);
  return { commit: changed === "" ? commit : `${commit}-dirty`, seconds: Number(seconds) };
}

/**
 * Copies the sources into a folder, with the commit written into them. A build
 * works there, so that a clone stays as it is.
 */
export async function stageSources(folder: string, commit: string): Promise<void> {
  for (const path of await sourceFiles()) {
    const target = join(folder, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    await Deno.copyFile(join(PROJECT, path), target);
  }
  await Deno.writeTextFile(join(folder, "lib/cli/build.json"), JSON.stringify({ commit }));
}

/** Every file that decides how the program looks, sorted, relative to the project. */
async function sourceFiles(): Promise<readonly string[]> {
  return (await Promise.all(SOURCES.map(filesUnder))).flat().sort();
}

async function filesUnder(path: string): Promise<readonly string[]> {
  const { isDirectory } = await Deno.stat(join(PROJECT, path));
  if (!isDirectory) return [path];
  const found: Promise<readonly string[]>[] = [];
  for await (const entry of Deno.readDir(join(PROJECT, path))) {
    found.push(filesUnder(join(path, entry.name)));
  }
  return (await Promise.all(found)).flat();
}

async function git(...args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", PROJECT, ...args],
      stdin: "null",
      stderr: "null",
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    // No git on this machine: the same as no history.
    return undefined;
  }
}

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../deno.json" with { type: "json" };

/** Root of the project. */
export const PROJECT = fileURLToPath(new URL("../", import.meta.url));

/** Where built files go. */
export const DIST = join(PROJECT, "dist");

/** Version of the program. */
export const VERSION: string = manifest.version;

/** What the program is made of. */
const SOURCES = ["main.ts", "lib", "deno.json", "deno.lock"];

/** What else decides how the built file looks. */
const BUILDERS = [".tasks", "LICENSE"];

/** What is built, as version control knows it. */
export interface Revision {
  /** Commit, with `-dirty` behind it when files differ from it; empty in a copy without history. */
  readonly commit: string;
  /** When it was committed, in seconds since the epoch; 0 when that is not known. */
  readonly seconds: number;
}

/**
 * Asks git what is checked out. `SOURCE_DATE_EPOCH` gives the time in a copy without history.
 *
 * @param project folder of a clone, or of a copy
 * @throws {Error} when there is a history and git cannot read it: without, the built file would be another
 */
export async function revision(project: string = PROJECT): Promise<Revision> {
  // Git itself would go on to look in the folders above, where somebody else's history may be.
  if (!await isThere(join(project, ".git"))) {
    return { commit: "", seconds: Number(Deno.env.get("SOURCE_DATE_EPOCH") ?? "0") };
  }
  const head = await git(project, "log", "-1", "--format=%H %ct");
  const [commit = "", seconds = "0"] = head.split(" ");
  const changed = await git(project, "status", "--porcelain", "--", ...SOURCES, ...BUILDERS);
  return { commit: changed === "" ? commit : `${commit}-dirty`, seconds: Number(seconds) };
}

/**
 * Makes a folder inside the project for a build to work in, ignored by git.
 *
 * @param prefix of its name
 */
export async function workFolder(prefix: string): Promise<string> {
  const dir = join(PROJECT, ".cache");
  await Deno.mkdir(dir, { recursive: true });
  return await Deno.makeTempDir({ dir, prefix });
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

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function git(project: string, ...args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: ["-C", project, ...args],
    stdin: "null",
  }).output().catch((error) => {
    throw new Error(`git is needed to tell which commit ${project} is: ${error.message}`);
  });
  if (success) return new TextDecoder().decode(stdout).trim();
  const reason = new TextDecoder().decode(stderr).trim();
  throw new Error(`git does not tell which commit ${project} is: ${reason}`);
}

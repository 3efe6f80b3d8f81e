import { join } from "node:path";
import { CACHE_DIR } from "./nats_binary.ts";

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program; one that does not exist counts as failed. */
export async function tryProgram(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<Result> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      ...(cwd !== undefined && { cwd }),
      env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { ok: success, output: (decoder.decode(stdout) + decoder.decode(stderr)).trim() };
  } catch (error) {
    return { ok: false, output: `${program}: ${error instanceof Error ? error.message : error}` };
  }
}

/**
 * Fetches a package of the distribution and unpacks it into a folder of `.cache/`,
 * without installing anything, so that no root is needed. A folder that is there
 * is taken as it is.
 *
 * @param name of the package, and of the folder
 * @returns path of the folder
 * @throws {Error} with what apt-get or dpkg-deb said
 */
export async function unpackDebianPackage(name: string): Promise<string> {
  const target = join(CACHE_DIR, name);
  const isThere = () => Deno.stat(target).then(() => true, () => false);
  if (await isThere()) return target;
  await Deno.mkdir(CACHE_DIR, { recursive: true });
  const work = await Deno.makeTempDir({ dir: CACHE_DIR, prefix: "setup-" });
  try {
    const unpacked = join(work, "unpacked");
    const unpack = await tryProgram("dpkg-deb", ["-x", await download(name, work), unpacked]);
    if (!unpack.ok) throw new Error(unpack.output);
    // In one step, so that two who do this at once do no harm.
    await Deno.rename(unpacked, target).catch(async (error) => {
      if (!await isThere()) throw error;
    });
    return target;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Downloads the package into a folder and gives its path. */
async function download(name: string, folder: string): Promise<string> {
  const get = (options: readonly string[]) =>
    tryProgram("apt-get", [...options, "download", name], folder);
  // A machine without package lists knows no package: the lists come first then.
  let result = await get([]);
  if (!result.ok) {
    const options = Deno.uid() === 0 ? [] : await privateAptOptions();
    const update = await tryProgram("apt-get", [...options, "update"]);
    result = await get(options);
    if (!result.ok) throw new Error(`${update.output}\n${result.output}`);
  }
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".deb")) return join(folder, entry.name);
  }
  throw new Error(`apt-get download left no package in ${folder}`);
}

/** Options that let apt work in folders of ours, where its own are root's. */
async function privateAptOptions(): Promise<readonly string[]> {
  const apt = join(CACHE_DIR, "apt");
  await Deno.mkdir(join(apt, "lists", "partial"), { recursive: true });
  await Deno.mkdir(join(apt, "cache", "archives", "partial"), { recursive: true });
  return [
    "-o",
    `Dir::State::Lists=${join(apt, "lists")}`,
    "-o",
    `Dir::Cache=${join(apt, "cache")}`,
    "-o",
    "Debug::NoLocking=1",
  ];
}

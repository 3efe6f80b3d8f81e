/**
 * `deno task setup`: makes sure that there is a nats-server for the tests.
 *
 * It is taken from the distribution's package, unpacked into `.cache/` without
 * installing anything, so that no root is needed.
 */
import { join } from "node:path";
import { CACHE_DIR, findNatsServer, UNPACKED_DIR } from "../tests/harness/nats_binary.ts";

const PACKAGE = "nats-server";

interface Result {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a program; one that does not exist counts as failed. */
async function run(program: string, args: readonly string[], cwd?: string): Promise<Result> {
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

/** Downloads the package into a folder and gives its path. */
async function download(folder: string): Promise<string> {
  const get = (options: readonly string[]) =>
    run("apt-get", [...options, "download", PACKAGE], folder);
  // A machine without package lists knows no package: the lists come first then.
  let result = await get([]);
  if (!result.ok) {
    const options = Deno.uid() === 0 ? [] : await privateAptOptions();
    const update = await run("apt-get", [...options, "update"]);
    result = await get(options);
    if (!result.ok) throw new Error(`${update.output}\n${result.output}`);
  }
  for await (const entry of Deno.readDir(folder)) {
    if (entry.name.endsWith(".deb")) return join(folder, entry.name);
  }
  throw new Error(`apt-get download left no package in ${folder}`);
}

/** Puts the unpacked package in place in one step, so that two runs at once do no harm. */
async function fetchNatsServer(): Promise<void> {
  await Deno.mkdir(CACHE_DIR, { recursive: true });
  const work = await Deno.makeTempDir({ dir: CACHE_DIR, prefix: "setup-" });
  try {
    const deb = await download(work);
    const unpacked = join(work, "unpacked");
    const unpack = await run("dpkg-deb", ["-x", deb, unpacked]);
    if (!unpack.ok) throw new Error(unpack.output);
    await Deno.rename(unpacked, UNPACKED_DIR).catch((error) => {
      if (findNatsServer() === undefined) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** @returns exit code */
async function setup(): Promise<number> {
  const say = (line: string) => Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
  if (findNatsServer() === undefined) {
    say(`fetching ${PACKAGE} from the distribution's packages …`);
    try {
      await fetchNatsServer();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
      say(
        "nats-server could not be fetched with apt-get and dpkg-deb. Install it yourself " +
          "(https://nats.io/download) and put it on the search path or into NATS_SERVER.",
      );
      return 1;
    }
  }
  const path = findNatsServer();
  const version = await run(path ?? PACKAGE, ["--version"]);
  if (path === undefined || !version.ok) {
    say(`${path ?? PACKAGE} does not run: ${version.output}`);
    return 1;
  }
  say(`${path}: ${version.output}`);
  return 0;
}

Deno.exit(await setup());

/**
 * `deno task compile`: the program as one executable made by `deno compile`, for
 * each platform, into `dist/`. Its base, `denort`, comes from Deno's vendor.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { programFlags } from "./bundle.ts";
import { denoCache } from "./deno_cache.ts";
import { compileFailure, denortTarget, isThisProgram } from "./denort.ts";
import { runBuild, writeDistFacts, writeExecutable } from "./dist.ts";
import { programWithNotices } from "./packer.ts";
import { hostTarget, type Target, TARGETS } from "./runtimes.ts";
import { revision, VERSION, workFolder } from "./source.ts";

const USAGE = `Compiles the program into dist/decnet-ttp-${VERSION}-TARGET.
  --target TARGET  one of ${TARGETS.join(", ")}; all of them when not said
DENORT_BIN names the base executable where it cannot be fetched; it is for one target.`;

await runBuild(build);

async function build(): Promise<void> {
  const targets = await chosenTargets();
  const built = await revision();
  const folder = await workFolder("compile-");
  try {
    const program = join(folder, "program.js");
    await Deno.writeFile(program, await programWithNotices(built));
    for (const target of targets) {
      const name = `decnet-ttp-${VERSION}-${target}`;
      const file = await compile(program, join(folder, target), target);
      await writeExecutable(name, file);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  await writeDistFacts(built);
}

/** @throws {Error} in words for the builder when there is no base executable, or the result does not run */
async function compile(program: string, output: string, target: Target): Promise<Uint8Array> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--no-config",
      "--no-lock",
      "--no-check",
      `--target=${target}`,
      `--output=${output}`,
      ...programFlags(),
      program,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) {
    throw new Error(compileFailure(new TextDecoder().decode(stderr), target, await denoCache()));
  }
  if (target === hostTarget()) {
    const run = await new Deno.Command(output, { args: ["version", "--json"], stdin: "null" })
      .output();
    if (!run.success || !isThisProgram(new TextDecoder().decode(run.stdout), VERSION)) {
      throw new Error(
        `the executable for ${target} does not run: is DENORT_BIN the denort of Deno ` +
          `${Deno.version.deno}, not deno itself?\n${new TextDecoder().decode(run.stderr).trim()}`,
      );
    }
  }
  return await Deno.readFile(output);
}

/** DENORT_BIN can serve its own platform only. */
async function chosenTargets(): Promise<readonly Target[]> {
  const { values } = parse();
  const named = TARGETS.find((known) => known === values.target);
  if (values.target !== undefined && named === undefined) throw new Error(USAGE);
  const denort = Deno.env.get("DENORT_BIN");
  if (denort === undefined || denort === "") return named === undefined ? TARGETS : [named];
  const served = await denortTarget(denort);
  if (named !== undefined && named !== served) {
    throw new Error(`DENORT_BIN=${denort} is for ${served}, not for ${named}`);
  }
  return [served];
}

function parse() {
  try {
    return parseArgs({ args: Deno.args, options: { target: { type: "string" } } });
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

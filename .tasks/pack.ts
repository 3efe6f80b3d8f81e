/**
 * `deno task pack`: the program and a Deno runtime in one file that unpacks itself,
 * for each platform, into `dist/`. Needs the npm registry only.
 */
import { parseArgs } from "node:util";
import { runBuild, writeDistFacts, writeExecutable } from "./dist.ts";
import { pack, programWithNotices } from "./packer.ts";
import { RUNTIMES, type Target, TARGETS } from "./runtimes.ts";
import { revision, VERSION } from "./source.ts";

const USAGE = `Packs the program and its runtime into dist/decnet-ttp-${VERSION}-TARGET-packed.
  --target TARGET  one of ${TARGETS.join(", ")}; all of them when not said
  --runtime FILE   take the Deno executable of that target from a file, not from the npm registry`;

await runBuild(build);

async function build(): Promise<void> {
  const { target, runtime: named } = options();
  if (named !== undefined && target === undefined) throw new Error("--runtime needs --target");
  const built = await revision();
  const program = await programWithNotices(built);
  for (const one of target === undefined ? TARGETS : [target]) {
    const name = `decnet-ttp-${VERSION}-${one}-packed`;
    const file = await pack(RUNTIMES[one], program, built, named);
    await writeExecutable(name, file);
  }
  await writeDistFacts(built);
}

function options(): { readonly target?: Target; readonly runtime?: string } {
  try {
    const { values } = parseArgs({
      args: Deno.args,
      options: { target: { type: "string" }, runtime: { type: "string" } },
    });
    const target = TARGETS.find((known) => known === values.target);
    if (values.target !== undefined && target === undefined) throw new Error("unknown target");
    return {
      ...(target !== undefined && { target }),
      ...(values.runtime !== undefined && { runtime: values.runtime }),
    };
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

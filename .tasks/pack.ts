/**
 * `deno task pack`: the program and a Deno runtime in one file that unpacks itself,
 * for each platform, into `dist/`. Needs the npm registry only.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeDistFacts } from "./dist.ts";
import { pack, programWithNotices } from "./packer.ts";
import { RUNTIMES, type Target, TARGETS } from "./runtimes.ts";
import { DIST, revision, VERSION } from "./source.ts";
import { writeWhole } from "./whole_file.ts";

const USAGE = `Packs the program and its runtime into dist/decnet-ttp-${VERSION}-TARGET-packed.
  --target TARGET  one of ${TARGETS.join(", ")}; all of them when not said
  --runtime FILE   take the Deno executable of that target from a file, not from the npm registry`;

try {
  await build();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}

async function build(): Promise<void> {
  const { target, runtime: named } = options();
  if (named !== undefined && target === undefined) throw new Error("--runtime needs --target");
  const built = await revision();
  const program = await programWithNotices(built);
  const files: string[] = [];
  for (const one of target === undefined ? TARGETS : [target]) {
    const name = `decnet-ttp-${VERSION}-${one}-packed`;
    const file = await pack(RUNTIMES[one], program, built, named);
    await writeWhole(join(DIST, name), file, 0o755);
    files.push(name);
    say(`dist/${name}: ${(file.length / 2 ** 20).toFixed(1)} MiB`);
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

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

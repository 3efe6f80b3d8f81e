import { join } from "node:path";
import { bundleProgram, programFlags } from "../../.tasks/bundle.ts";
import { PROJECT } from "../../.tasks/source.ts";

const FOLDER = join(PROJECT, ".cache/bench");

/** What the script in front of a packed file sets before it becomes the program. */
const ENVIRONMENT: Readonly<Record<string, string>> = {
  DENO_DIR: join(FOLDER, "deno"),
  DENO_NO_UPDATE_CHECK: "1",
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

let made: Promise<string> | undefined;

/**
 * The program as a packed file starts it: one file of JavaScript with its options
 * and permissions, its code compiled by an earlier start.
 *
 * @param args of the program
 */
export async function shippedProgram(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Promise<Deno.Command> {
  return command(await (made ??= make()), args, options);
}

async function make(): Promise<string> {
  const program = join(FOLDER, "program.js");
  await Deno.mkdir(FOLDER, { recursive: true });
  await Deno.writeFile(program, await bundleProgram(""));
  const { success, stderr } = await command(program, ["version"]).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return program;
}

function command(
  program: string,
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    ...options,
    args: ["run", "--quiet", "--no-config", "--no-lock", ...programFlags(), program, ...args],
    env: ENVIRONMENT,
  });
}

import type { Command } from "commander";
import manifest from "../../deno.json" with { type: "json" };
import type { Context } from "./context.ts";
import { jsonLine } from "./escape.ts";
import { addExamples, COMMAND_GROUPS } from "./help.ts";

/** Version of this program, as `deno.json` says it. */
export const PROGRAM_VERSION: string = manifest.version;

/** Registers `version`. */
export function registerVersion(program: Command, context: Context): void {
  const command = program.command("version")
    .helpGroup(COMMAND_GROUPS.about)
    .description("print the versions of the program and of what it is built on")
    .option("--json", "print one JSON object")
    .action((options: { json?: boolean }) => printVersion(context, options.json ?? false));
  addExamples(command, [["decnet-ttp version --json", "for a bug report or an inventory"]]);
}

function printVersion({ terminal }: Context, json: boolean): void {
  const versions = { version: PROGRAM_VERSION, deno: Deno.version.deno, v8: Deno.version.v8 };
  if (json) return terminal.out(jsonLine(versions));
  terminal.out(`decnet-ttp ${versions.version}`);
  terminal.out(`deno ${versions.deno}, v8 ${versions.v8}`);
}

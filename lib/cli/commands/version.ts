import type { Command } from "commander";
import { loadEmbeddedAttack } from "../../attack/embedded.ts";
import { loadPack } from "../../rules/pack.ts";
import { sqliteVersion } from "../../store/sqlite/sqlite_version.ts";
import type { Context } from "../context.ts";
import { jsonLine } from "../../text/terminal.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { PROGRAM_VERSION, programCommit } from "../program_version.ts";

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
  const { enterprise, ics } = loadEmbeddedAttack();
  const pack = loadPack();
  const commit = programCommit();
  const versions = {
    program: "decnet-ttp",
    version: PROGRAM_VERSION,
    commit: commit ?? null,
    runtime: `deno ${Deno.version.deno}`,
    target: Deno.build.target,
    sqlite: sqliteVersion(),
    attack_releases: [enterprise.release, ics.release],
    pack_rules: pack.rules.length,
    pack_hash: pack.hash,
  };
  if (json) return terminal.out(jsonLine(versions));
  terminal.out(`decnet-ttp ${versions.version}${commit === undefined ? "" : ` (${commit})`}`);
  terminal.out(`runtime    ${versions.runtime}, ${versions.target}`);
  terminal.out(`SQLite     ${versions.sqlite}`);
  terminal.out(`ATT&CK     ${versions.attack_releases.join(", ")}`);
  terminal.out(`rule pack  ${versions.pack_rules} rules, ${versions.pack_hash}`);
}

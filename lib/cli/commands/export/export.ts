import { type Command, Option } from "commander";
import { type Tlp, TLP_LEVELS } from "../../../export/tlp.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "../../attack_source.ts";
import type { Context } from "../../context.ts";
import { addDatabaseOption, type DatabaseOptions, openForReading } from "../../database.ts";
import { EXPORT_FORMATS, type ExportFormat } from "./formats.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { filterOf } from "../../filter.ts";
import { addScopeOptions, scopeOf, type ScopeOptions } from "../../scope.ts";
import { writeWholeFile } from "../../output/whole_file.ts";

interface ExportOptions extends DatabaseOptions, ScopeOptions, AttackOptions {
  readonly output?: string;
  readonly sensor?: string;
  readonly tlp: Tlp;
}

const DESCRIPTIONS: Readonly<Record<keyof typeof EXPORT_FORMATS, string>> = {
  navigator: "a layer of the ATT&CK Navigator, format 4.5; a list of them for several releases",
  stix: "a STIX 2.1 bundle: sightings of MITRE's attack-patterns, observed data, the sensor",
  misp: "a MISP event: attackers with the galaxy clusters of their techniques",
  csv: "a table of tags for spreadsheets, with formula cells made harmless",
  ecs: "JSON lines of the Elastic Common Schema, one a tag",
  ocsf: "JSON lines of the OCSF class Detection Finding, one a tag",
};

/** Registers `export navigator`, `stix`, `misp`, `csv`, `ecs` and `ocsf`. */
export function registerExport(program: Command, context: Context): void {
  const group = program.command("export")
    .helpGroup(COMMAND_GROUPS.data)
    .description("hand what was seen to other tools");
  for (const name of Object.keys(EXPORT_FORMATS) as (keyof typeof EXPORT_FORMATS)[]) {
    const command = group.command(name)
      .description(DESCRIPTIONS[name])
      .option("-o, --output <file>", "write a file instead of standard output");
    if (name === "stix" || name === "misp") {
      command.addOption(
        new Option("--tlp <level>", "with whom it may be shared").choices(TLP_LEVELS)
          .default("amber"),
      );
    }
    if (name !== "navigator" && name !== "csv") {
      command.option("--sensor <name>", "name of the sensor; this host's when not said");
    }
    command.action((options: ExportOptions) => runExport(EXPORT_FORMATS[name], options, context));
    addScopeOptions(command);
    addDatabaseOption(command);
    addAttackOptions(command);
    addExamples(command, [
      [`decnet-ttp export ${name} --since 7d -o week.${extensionOf(name)}`, "of a week"],
      [`decnet-ttp export ${name} --attacker 192.0.2.10`, "of one attacker"],
    ]);
  }
}

async function runExport(
  format: ExportFormat,
  options: ExportOptions,
  context: Context,
): Promise<void> {
  const attack = await attackInForce(options, context);
  const times = filterOf(options, attack, new Date());
  using store = openForReading(options, context);
  const { filter, scope } = scopeOf(options, times, store);
  const { tlp = "amber", output } = options;
  const sensor = options.sensor ?? Deno.hostname();
  const job = { store, attack, filter, scope, sensor, tlp };
  if (output === undefined) return format(job, (text) => context.terminal.write(text));
  writeWholeFile(output, (out) => format(job, out));
}

function extensionOf(name: keyof typeof EXPORT_FORMATS): string {
  if (name === "csv") return "csv";
  return name === "ecs" || name === "ocsf" ? "jsonl" : "json";
}

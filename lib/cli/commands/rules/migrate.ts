import type { Command } from "commander";
import { migrateRuleText, type MigrationNotice } from "../../../rules/format/migrate.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "../../attack_source.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples } from "../../help.ts";
import { operatorFiles } from "../../rule_source.ts";

interface MigrateOptions extends AttackOptions {
  readonly rules?: string;
  readonly to?: string;
  readonly write?: boolean;
  readonly json?: boolean;
}

/** Registers `rules migrate`. */
export function registerRulesMigrate(group: Command, context: Context): void {
  const command = group.command("migrate")
    .description("rewrite the techniques of rule files for another ATT&CK release")
    .option("--rules <dir>", "directory of the files (env: DECNET_TTP_RULES_DIR)")
    .option("--to <version>", "release that the rules shall hold in, e.g. 19.1")
    .option("--write", "change the files; without it, only say what would change")
    .option("--json", "print one JSON object a change")
    .action((options: MigrateOptions) => migrateDirectory(options, context));
  addAttackOptions(command);
  addExamples(command, [
    ["decnet-ttp rules migrate --to 19.1 --rules ./my-rules", "what would change?"],
    ["decnet-ttp rules migrate --to 19.1 --rules ./my-rules --write", "change it"],
    [
      "decnet-ttp rules migrate --to 18.1 --attack-bundle enterprise-attack-18.1.json --rules ./my-rules",
      "back to a release that the program does not carry",
    ],
  ]);
}

async function migrateDirectory(options: MigrateOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { enterprise } = await attackInForce(options, context);
  if (options.to !== undefined && ![enterprise.version, enterprise.release].includes(options.to)) {
    throw new Exit(
      EXIT.usage,
      `loaded is ATT&CK ${enterprise.release}; for ${options.to}, give its bundle with --attack-bundle`,
    );
  }
  const files = operatorFiles(options, context);
  if (files.length === 0) {
    throw new Exit(EXIT.usage, "which files? Give --rules DIR with rule files in it");
  }
  let changed = 0;
  for (const { name, text, unreadable } of files) {
    if (unreadable !== undefined) throw new Exit(EXIT.usage, `${name}: ${unreadable}`);
    const migrated = migrateRuleText(name, text, enterprise);
    for (const notice of migrated.notices) {
      terminal.out(options.json === true ? jsonLine(notice) : noticeText(notice));
    }
    if (migrated.text === text) continue;
    changed += 1;
    if (options.write === true) replaceFile(name, migrated.text);
  }
  if (options.json === true) return;
  const done = options.write === true ? "changed" : "would change; --write changes them";
  terminal.out(`${changed} of ${files.length} files ${changed === 0 ? "need a change" : done}`);
}

function noticeText({ file, line, ruleId, message }: MigrationNotice): string {
  return printable(`${file}:${line} ${ruleId}: ${message}`);
}

/** A reader, the worker's watch for one, sees the old file or the new one, never a part. */
function replaceFile(path: string, text: string): void {
  try {
    // A link stays one: what it leads to is replaced.
    const target = Deno.realPathSync(path);
    Deno.writeTextFileSync(`${target}.new`, text);
    Deno.renameSync(`${target}.new`, target);
  } catch (error) {
    throw new Exit(
      EXIT.usage,
      `cannot write ${path}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

import { type Command, Option } from "commander";
import type { ReportJob } from "../../export/report/data.ts";
import { markdownReport } from "../../export/report/markdown.ts";
import { htmlReport } from "../../export/report/page.ts";
import type { Context } from "../context.ts";
import { addDatabaseOption, type DatabaseOptions, openForReading } from "../database.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { PROGRAM_VERSION } from "../program_version.ts";
import { filterOf } from "../filter.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../rule_source.ts";
import { addScopeOptions, scopeOf, type ScopeOptions } from "../scope.ts";
import { SettingsError } from "../settings/settings.ts";
import { writeWholeFile } from "../output/whole_file.ts";

interface ReportOptions extends DatabaseOptions, ScopeOptions, RuleOptions {
  readonly output?: string;
  readonly format: keyof typeof FORMATS;
  readonly examples?: string;
}

/** How a report can look, and how much evidence of each technique it has when nobody says. */
const FORMATS = {
  html: { report: htmlReport, examples: 8 },
  md: { report: markdownReport, examples: 1 },
} as const satisfies Record<
  string,
  { readonly report: (job: ReportJob) => string; readonly examples: number }
>;

/** More would make a page that no browser likes. */
const MAX_EXAMPLES = 100;

/** Registers `report`. */
export function registerReport(program: Command, context: Context): void {
  const command = program.command("report")
    .helpGroup(COMMAND_GROUPS.data)
    .description("what was seen as one page: matrix, timeline, rules, attackers, evidence")
    .option("-o, --output <file>", "write a file instead of standard output")
    .addOption(
      new Option("--format <format>", "a page for browsers, or Markdown for a ticket")
        .choices(Object.keys(FORMATS)).default("html"),
    )
    .option("--examples <count>", "evidence of each technique at most; html 8, md 1 when not said")
    .action((options: ReportOptions) => runReport(options, context));
  addScopeOptions(command);
  addDatabaseOption(command);
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp report -o report.html", "one file that needs no network and no script"],
    ["decnet-ttp report --since 7d --min-confidence 0.6 -o week.html", "of a week, if fairly sure"],
    ["decnet-ttp report --attacker 192.0.2.10 --format md", "one attacker, for a ticket"],
  ]);
}

async function runReport(options: ReportOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { output, format } = options;
  const examples = examplesOf(options);
  if (output === undefined && format === "html" && terminal.interactive) {
    throw new Exit(EXIT.usage, "a page is not for a terminal: say -o FILE.html, or --format md");
  }
  const { pack, attack } = await rulesInForce(options, context);
  const now = new Date();
  const times = filterOf(options, attack, now);
  using store = openForReading(options, context);
  const text = FORMATS[format].report({
    ...{ store, attack, now, examples, ...scopeOf(options, times, store) },
    rules: pack.rules,
    program: `decnet-ttp ${PROGRAM_VERSION}`,
  });
  if (output === undefined) return terminal.write(text);
  writeWholeFile(output, (out) => out(text));
}

function examplesOf({ examples, format }: ReportOptions): number {
  if (examples === undefined) return FORMATS[format].examples;
  if (/^\d{1,3}$/.test(examples) && Number(examples) <= MAX_EXAMPLES) return Number(examples);
  throw new SettingsError(`--examples: "${examples}" is no whole number from 0 to ${MAX_EXAMPLES}`);
}

import type { Command } from "commander";
import { dirname } from "node:path";
import type { Context } from "../../context.ts";
import { defaultDatabase } from "../../settings/database_path.ts";
import { lookAtBus } from "./bus.ts";
import { lookAtDatabase, openForDoctor } from "./database.ts";
import { AREAS, type Finding, withAnyRemedy } from "./finding.ts";
import { roomAt } from "../../../store/sqlite/disk_room.ts";
import { artifactsFindings, clockFinding, diskFinding } from "./host.ts";
import { lookAtRules } from "./rules.ts";
import {
  type DoctorSettings,
  doctorSettings,
  formerNameFindings,
  httpFindings,
  settingsFindings,
  type ShownSetting,
  shownSettings,
} from "./settings.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, addSection, COMMAND_GROUPS } from "../../help.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";
import { countText } from "../../output/quantity.ts";
import { addRuleOptions, type RuleOptions } from "../../rule_source.ts";
import { addSettings } from "../../settings/settings.ts";
import { tableLines } from "../../output/table.ts";
import type { Style, Terminal } from "../../output/terminal.ts";
import { WORKER_SETTINGS } from "../../settings/worker.ts";

interface DoctorFlags extends RuleOptions, Readonly<Record<string, unknown>> {
  readonly json?: boolean;
  readonly all?: boolean;
}

/** Registers `doctor`. */
export function registerDoctor(program: Command, context: Context): void {
  const command = program.command("doctor")
    .helpGroup(COMMAND_GROUPS.work)
    .description("look at everything a worker needs, and say what is wrong and what to do")
    .option("--all", "also show the settings that nobody has set")
    .option("--json", "print one JSON object")
    .action((flags: DoctorFlags) => examine(flags, context));
  addSettings(command, WORKER_SETTINGS);
  addRuleOptions(command);
  addSection(command, "What it does", [
    "Takes the flags of `run`, and changes nothing. Ends with 1 when there is a problem; a warning",
    "is none. Secrets are not shown: the output can be pasted into a ticket.",
  ]);
  addExamples(command, [
    ["decnet-ttp doctor", "is this sensor well?"],
    [
      "decnet-ttp doctor --json | jq '.findings[] | select(.verdict == \"problem\")'",
      "for a script",
    ],
  ]);
}

async function examine(flags: DoctorFlags, context: Context): Promise<void> {
  const { terminal } = context;
  const { settings, shown } = settingsOf(flags, context);
  const now = Date.now();
  const { artifacts, db: path = defaultDatabase() } = settings.values;
  const { store, findings: opened } = openForDoctor(path);
  const found = [...formerNameFindings(settings), ...opened];
  try {
    if (store !== undefined) found.push(...lookAtDatabase(store, now));
    found.push(...await lookAtRules(flags, context, store, now));
  } finally {
    store?.close();
  }
  found.push(
    ...await lookAtBus(settings),
    ...httpFindings(settings),
    diskFinding(dirname(path), roomAt(dirname(path))),
    ...(artifacts === undefined ? [] : artifactsFindings(artifacts)),
    clockFinding(now),
  );
  const findings = found.map(withAnyRemedy);
  const problems = problemsIn(findings);
  if (flags.json === true) {
    printJson(terminal, shown, findings);
  } else {
    showSettings(terminal, shown, flags.all ?? false);
    for (const area of AREAS) showArea(terminal, area, findings);
    terminal.out();
    terminal.out(problems === 0 ? "All is well." : `${countText(problems, "problem")}.`);
  }
  if (problems > 0) throw new Exit(EXIT.no);
}

/**
 * Nothing can be looked at without settings; a script gets its document all the same.
 *
 * @throws {SettingsError} when they cannot be meant
 * @throws {BusSettingsError} when the addresses of the bus cannot be meant
 */
function settingsOf(
  flags: DoctorFlags,
  context: Context,
): { readonly settings: DoctorSettings; readonly shown: readonly ShownSetting[] } {
  try {
    const settings = doctorSettings(flags, context);
    return { settings, shown: shownSettings(settings) };
  } catch (error) {
    const findings = settingsFindings(error)?.map(withAnyRemedy);
    if (findings !== undefined && flags.json === true) printJson(context.terminal, [], findings);
    throw error;
  }
}

function printJson(
  terminal: Terminal,
  settings: readonly ShownSetting[],
  findings: readonly Finding[],
): void {
  const problems = problemsIn(findings);
  const ok = problems === 0;
  terminal.out(jsonLine({ version: PROGRAM_VERSION, ok, problems, settings, findings }));
}

function problemsIn(findings: readonly Finding[]): number {
  return findings.filter(({ verdict }) => verdict === "problem").length;
}

function showSettings(terminal: Terminal, shown: readonly ShownSetting[], all: boolean): void {
  const said = shown.filter(({ origin }) => all || origin !== "default");
  const title = terminal.paint("bold", "settings");
  const silent = shown.length - said.length;
  const rest = silent === 0 ? "" : `${silent} as built in (--all shows them)`;
  if (said.length === 0) return terminal.out(`${title}  ${rest}`);
  terminal.out(title);
  const rows = said.map(({ name, value, origin, place }) => [
    `  ${name}`,
    value === null ? "(none)" : printable(String(value)),
    place === null ? origin : `${origin}, ${printable(place)}`,
  ]);
  const columns = [{ title: "" }, { title: "", min: 12 }, { title: "", min: 12 }];
  for (const line of tableLines(terminal, columns, rows).slice(1)) terminal.out(line);
  if (rest !== "") terminal.out(`  ${rest}`);
}

const MARKS: Readonly<Record<Finding["verdict"], readonly [Style, string]>> = {
  ok: ["green", "ok"],
  warning: ["yellow", "!!"],
  problem: ["red", "NO"],
};

function showArea(terminal: Terminal, area: string, findings: readonly Finding[]): void {
  const here = findings.filter((finding) => finding.area === area);
  if (here.length === 0) return;
  terminal.out(terminal.paint("bold", area));
  for (const { what, verdict, detail, remedy } of here) {
    const [style, mark] = MARKS[verdict];
    terminal.out(`  ${terminal.paint(style, mark)}  ${printable(what)}: ${printable(detail)}`);
    if (remedy !== undefined) terminal.out(`      -> ${printable(remedy)}`);
  }
}

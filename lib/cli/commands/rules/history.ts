import type { Command } from "commander";
import type { RuleStateChange } from "../../../store/rules/rule_states.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { addExamples } from "../../help.ts";
import { openExisting } from "../../rule_states.ts";
import { stateText } from "./list.ts";
import { SettingsError } from "../../settings/settings.ts";
import { tableLines } from "../../output/table.ts";

interface HistoryOptions {
  readonly db?: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** Registers `rules history`. */
export function registerRulesHistory(group: Command, context: Context): void {
  const command = group.command("history")
    .description("who changed the state of rules, when and why; newest first")
    .argument("[id]", "only of this rule")
    .option("--limit <count>", "at most so many", "50")
    .option("--db <file>", "database of the worker")
    .option("--json", "print one JSON object a change")
    .action((id: string | undefined, options: HistoryOptions) => history(id, options, context));
  addExamples(command, [["decnet-ttp rules history R0016", "what happened to R0016?"]]);
}

function history(id: string | undefined, options: HistoryOptions, context: Context): void {
  const { terminal } = context;
  if (!/^[1-9]\d{0,5}$/.test(options.limit)) {
    throw new SettingsError("--limit: expected a whole number from 1");
  }
  using store = openExisting(options.db, context);
  const changes = store?.ruleStates.history(Number(options.limit), id) ?? [];
  if (options.json === true) {
    for (const change of changes) terminal.out(jsonLine(change));
    return;
  }
  if (changes.length === 0) return terminal.out("nobody has changed the state of a rule");
  const columns = [
    { title: "WHEN" },
    { title: "RULE" },
    { title: "BY", min: 6 },
    { title: "CHANGE", min: 12 },
  ];
  const cells = changes.map((change) => [
    change.at,
    printable(change.ruleId),
    printable(change.setBy ?? ""),
    printable(changeText(change)),
  ]);
  for (const line of tableLines(terminal, columns, cells)) terminal.out(line);
}

function changeText(change: RuleStateChange): string {
  if (change.change === "reset") return "default state";
  return change.change === "expired" ? `expired: ${stateText(change)}` : stateText(change);
}

import type { Command } from "commander";
import { effectiveState, type RuleState } from "../../../rules/state.ts";
import { openOrUpgrade } from "../../database.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, type Example } from "../../help.ts";
import { selectIds, selectRules } from "../../rule_selection.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { databasePath } from "../../rule_states.ts";
import { stateText } from "./list.ts";
import { parseDuration } from "../../settings/kinds.ts";
import { SettingsError } from "../../settings/settings.ts";

interface StateOptions extends RuleOptions {
  readonly db?: string;
  readonly technique?: string;
  readonly tactic?: string;
  readonly for?: string;
  readonly until?: string;
  readonly max?: string;
  readonly reason?: string;
  readonly by?: string;
  readonly json?: boolean;
}

/** The last time whose year has four digits: times are compared as texts. */
const LAST_TIME_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Longest reason and name that are kept, in characters. */
const MAX_TEXT = 500;

/** Registers `rules enable`, `rules disable`, `rules clip` and `rules reset`. */
export function registerRulesState(group: Command, context: Context): void {
  const enable = stateCommand(group, "enable", "let rules tag, whatever state they were in", [
    ["decnet-ttp rules enable R0016", "R0016 tags again"],
  ]);
  const disable = stateCommand(group, "disable", "keep rules from tagging", [
    ["decnet-ttp rules disable 'R00[45]*' --for 4h --reason 'mail test'", "for four hours"],
    ["decnet-ttp rules disable --technique T1110", "all that emit a technique"],
  ]);
  const clip = stateCommand(group, "clip", "lower the confidence of what rules emit", [
    ["decnet-ttp rules clip R0016 --max 0.5", "tags of R0016 get 0.5 at most"],
  ]).requiredOption("--max <confidence>", "highest confidence, from 0 to 1");
  for (const command of [enable, disable, clip]) {
    command
      .option("--for <time>", "give the default state back after this time, e.g. 4h")
      .option("--until <time>", "give it back at this time, ISO 8601")
      .option("--reason <text>", "why, for those who come after");
  }
  const reset = stateCommand(group, "reset", "give rules their default state back", [
    ["decnet-ttp rules reset '*'", "all rules as they are shipped"],
  ]);
  const act =
    (state: RuleState["state"]) => (ids: string[], options: StateOptions): Promise<void> =>
      setStates(ids, { ...options, state }, context);
  enable.action(act("enabled"));
  disable.action(act("disabled"));
  clip.action(act("clipped"));
  reset.action((ids: string[], options: StateOptions) => resetStates(ids, options, context));
}

function stateCommand(
  group: Command,
  name: string,
  description: string,
  examples: readonly Example[],
): Command {
  const command = group.command(name)
    .description(description)
    .argument("[ids...]", "ids of the rules; * and ? stand for anything, [ab] for a or b")
    .option("--technique <id>", "the rules that emit this technique or sub-technique")
    .option("--tactic <id>", "the rules that emit this tactic")
    .option("--by <name>", "who does it; the user's name by default")
    .option("--db <file>", "database of the worker; it sees the change within a second")
    .option("--json", "print one JSON object a rule: its id and its state");
  addRuleOptions(command);
  addExamples(command, examples);
  return command;
}

async function setStates(
  ids: readonly string[],
  options: StateOptions & { readonly state: RuleState["state"] },
  context: Context,
): Promise<void> {
  const now = new Date();
  const state = stateOf(options, now);
  const by = userName(options, context);
  demandSelection(ids, options);
  const { rules, pack } = await rulesInForce(options, context);
  const selected = selectRules(pack.rules, { ids, ...options });
  if (selected.length === 0) {
    throw new Exit(
      EXIT.usage,
      "no rule is meant; `rules list` shows all of them with what they emit",
    );
  }
  using store = openOrUpgrade(databasePath(options.db, context), context);
  rules.keepStatesIn(store.ruleStates);
  store.transaction(() => {
    for (const { document } of selected) rules.setState(document.rule_id, state, by, now);
  });
  for (const { document: { rule_id } } of selected) {
    context.terminal.out(
      options.json === true
        ? jsonLine({ rule_id, state })
        : `${rule_id} ${printable(stateText(state))}`,
    );
  }
}

async function resetStates(
  ids: readonly string[],
  options: StateOptions,
  context: Context,
): Promise<void> {
  demandSelection(ids, options);
  const { terminal } = context;
  using store = openOrUpgrade(databasePath(options.db, context), context);
  // A rule that is gone may still have a state.
  const set = [...store.ruleStates.all().keys()];
  const { technique, tactic } = options;
  const emitting = technique === undefined && tactic === undefined ? undefined : new Set(
    selectRules((await rulesInForce(options, context)).pack.rules, { ids: [], ...options })
      .map(({ document }) => document.rule_id),
  );
  const wanted = selectIds(set, ids).filter((id) => emitting?.has(id) ?? true);
  const now = new Date();
  const by = userName(options, context);
  store.transaction(() => {
    for (const id of wanted) store.ruleStates.remove(id, now, by);
  });
  const json = options.json === true;
  for (const id of wanted) {
    terminal.out(
      json
        ? jsonLine({ rule_id: id, state: effectiveState(undefined, now.getTime()) })
        : `${printable(id)} is in its default state`,
    );
  }
  if (wanted.length === 0 && !json) terminal.out("none of these rules has a state of its own");
}

function stateOf(
  options: StateOptions & { readonly state: RuleState["state"] },
  now: Date,
): RuleState {
  const { state, max, reason } = options;
  const expiresAt = expiry(options, now);
  return {
    state,
    ...(max !== undefined && state === "clipped" && { confidenceMax: confidence(max) }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(reason !== undefined && { reason: reason.slice(0, MAX_TEXT) }),
  };
}

function confidence(text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !(number >= 0 && number <= 1)) {
    throw new SettingsError("--max: expected a number from 0 to 1");
  }
  return number;
}

/** When the state runs out, in UTC. */
function expiry(options: StateOptions, now: Date): string | undefined {
  if (options.for !== undefined && options.until !== undefined) {
    throw new SettingsError("--for and --until say the same in two ways; give one of them");
  }
  if (options.for !== undefined) return timeText("--for", now.getTime() + lengthOf(options.for));
  if (options.until === undefined) return undefined;
  const time = Date.parse(options.until);
  if (Number.isNaN(time)) {
    throw new SettingsError("--until: expected a time like 2026-01-31T12:00Z");
  }
  if (time <= now.getTime()) throw new SettingsError("--until: that time is over");
  return timeText("--until", time);
}

function lengthOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new SettingsError(`--for: ${error instanceof Error ? error.message : error}`);
  }
}

function timeText(flag: string, time: number): string {
  if (time > LAST_TIME_MS) throw new SettingsError(`${flag}: that is after the year 9999`);
  return new Date(time).toISOString();
}

function userName({ by }: StateOptions, context: Context): string {
  return (by ?? context.env("USER") ?? context.env("LOGNAME") ?? "cli").slice(0, MAX_TEXT);
}

/** All rules by accident is too much. */
function demandSelection(ids: readonly string[], { technique, tactic }: StateOptions): void {
  if (ids.length > 0 || technique !== undefined || tactic !== undefined) return;
  throw new Exit(EXIT.usage, "which rules? Give ids, --technique or --tactic; '*' is all of them");
}

import type { Command } from "commander";
import type { RuleDocument } from "../../../rules/format/document.ts";
import { RuleSet } from "../../../rules/run/rule_set.ts";
import { loadPack } from "../../../rules/pack.ts";
import type { Rule } from "../../../rules/rule.ts";
import { effectiveState, type RuleState } from "../../../rules/state.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { addExamples } from "../../help.ts";
import { selectRules } from "../../rule_selection.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { ruleActivity, type SuppressedCounts } from "../../rule_states.ts";
import { type Column, tableLines } from "../../output/table.ts";

interface ListOptions extends RuleOptions {
  readonly json?: boolean;
  readonly db?: string;
  readonly technique?: string;
  readonly tactic?: string;
}

/** Registers `rules list`. */
export function registerRulesList(group: Command, context: Context): void {
  const command = group.command("list")
    .description(
      "the rules in force, with the state that operators gave them and their recent tags",
    )
    .argument("[ids...]", "only rules with these ids; * and ? stand for anything, [ab] for a or b")
    .option("--technique <id>", "only rules that emit this technique or sub-technique")
    .option("--tactic <id>", "only rules that emit this tactic")
    .option("--db <file>", "database with the states")
    .option("--json", "print one JSON object a rule")
    .action((ids: string[], options: ListOptions) => list(ids, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp rules list --technique T1110", "which rules find brute force?"],
    ["decnet-ttp rules list 'R00[45]*' --json", "the rules R0040 to R0059, for a script"],
  ]);
}

async function list(
  ids: readonly string[],
  options: ListOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const { pack } = await rulesInForce(options, context);
  const shipped = new Map(loadPack().rules.map((rule) => [rule.document.rule_id, rule.hash]));
  const now = Date.now();
  const { states, hits, suppressed } = ruleActivity(options.db, context, now);
  const { exceptions } = RuleSet.compile(pack.rules, {
    allowBacktracking: options.allowBacktracking ?? false,
    exceptions: pack.exceptions ?? [],
  });
  const rows = selectRules(pack.rules, { ids, ...options }).map((rule) => ({
    rule,
    state: effectiveState(states.get(rule.document.rule_id), now),
    origin: originOf(rule, shipped),
    hits: hits.get(rule.document.rule_id) ?? 0,
    held: suppressed.get(rule.document.rule_id) ?? {},
    excepted: exceptions.of(rule, now).map(({ from, name }) => ({ from, name })),
  }));
  if (options.json === true) {
    for (const { rule: { document, hash }, state, origin, hits, held, excepted } of rows) {
      const activity = { hits_24h: hits, suppressed_24h: held, exceptions: excepted };
      terminal.out(jsonLine({ ...document, hash, origin, state, ...activity }));
    }
    return;
  }
  // A column of noughts would say nothing.
  const anyHeld = rows.some(({ held }) => heldSum(held) > 0);
  const anyExcepted = rows.some(({ excepted }) => excepted.length > 0);
  const columns: readonly Column[] = [
    { title: "ID" },
    { title: "V", align: "right" },
    { title: "NAME", min: 12 },
    { title: "KINDS", min: 8 },
    { title: "EMITS", min: 12 },
    { title: "STATE", min: 8 },
    { title: "24 H", align: "right" },
    ...(anyHeld ? [{ title: "HELD BACK", align: "right" } as const] : []),
    ...(anyExcepted ? [{ title: "EXCEPT", min: 8 } as const] : []),
    { title: "FROM" },
  ];
  const cells = rows.map(({ rule: { document }, state, origin, hits, held, excepted }) => [
    document.rule_id,
    String(document.rule_version),
    document.name,
    document.applies_to.join(", "),
    document.emits.map(emissionText).join(" "),
    printable(stateText(state)),
    String(hits),
    ...(anyHeld ? [String(heldSum(held))] : []),
    ...(anyExcepted ? [printable(excepted.map(({ name }) => name).join(", "))] : []),
    origin,
  ]);
  for (const line of tableLines(terminal, columns, cells)) terminal.out(line);
}

function heldSum(held: SuppressedCounts): number {
  return Object.values(held).reduce((sum, count) => sum + count, 0);
}

/** Where a rule comes from. */
export type RuleOrigin = "pack" | "directory" | "replaced";

function originOf(rule: Rule, shipped: ReadonlyMap<string, string>): RuleOrigin {
  const hash = shipped.get(rule.document.rule_id);
  if (hash === undefined) return "directory";
  return hash === rule.hash ? "pack" : "replaced";
}

/** Technique and confidence, e.g. `T1110.001:0.85`. */
export function emissionText(emission: RuleDocument["emits"][number]): string {
  return `${emission.sub_technique_id ?? emission.technique_id}:${emission.confidence.toFixed(2)}`;
}

/** A state as people read it, e.g. `clipped to 0.5 until 2026-01-31T12:00:00.000Z (noisy)`. */
export function stateText(state: RuleState): string {
  const { confidenceMax, expiresAt, reason } = state;
  return [
    state.state,
    ...(confidenceMax === undefined ? [] : [`to ${confidenceMax}`]),
    ...(expiresAt === undefined ? [] : [`until ${expiresAt}`]),
    ...(reason === undefined ? [] : [`(${reason})`]),
  ].join(" ");
}

import type { Command } from "commander";
import { checkKillChain } from "../attack/kill_chain.ts";
import type { Attack } from "../attack/matrix.ts";
import { EmbeddedRules } from "../rules/embedded_rules.ts";
import type { RuleFile } from "../rules/format/load.ts";
import type { OverlayContext, Pack } from "../rules/overlay.ts";
import { loadPack } from "../rules/pack.ts";
import { type Problem, RuleError } from "../rules/format/problem.ts";
import type { RuleStore } from "../rules/rule_store.ts";
import { lifterFaults } from "../tagging/registry.ts";
import { DirectoryRules } from "../worker/rules/directory_rules.ts";
import { readRuleDirectory, RuleDirectoryError } from "../worker/rules/rule_directory.ts";
import { addAttackOptions, attackInForce, type AttackOptions } from "./attack_source.ts";
import type { Context } from "./context.ts";
import { printDiagnostics, problemLines } from "./output/diagnostics.ts";
import { EXIT, Exit } from "./exit.ts";

/** Options of every command that works with rules. */
export interface RuleOptions extends AttackOptions {
  /** Directory of an operator's own rules. */
  readonly rules?: string;
  readonly allowBacktracking?: boolean;
  readonly attackMigrate?: boolean;
}

/** Adds the options of `RuleOptions` to a command. */
export function addRuleOptions(command: Command): Command {
  command
    .option("--rules <dir>", "lay a directory over the built-in rules (env: DECNET_TTP_RULES_DIR)")
    .option("--allow-backtracking", "accept patterns with look-arounds and back-references")
    .option("--attack-migrate", "use rules of another ATT&CK release, with a notice for each");
  return addAttackOptions(command);
}

/** What rules are proven against on the command line. */
export function checkContext(options: RuleOptions): OverlayContext {
  const { allowBacktracking = false, attackMigrate: migrate = false } = options;
  const lifters: OverlayContext["lifters"] = (document) => lifterFaults(document);
  return { lifters, now: new Date(), allowBacktracking, migrate };
}

/** Directory of an operator's own rules, from the option or the environment. */
export function rulesDirectory(options: RuleOptions, context: Context): string | undefined {
  return options.rules || context.env("DECNET_TTP_RULES_DIR") || undefined;
}

/**
 * Files of the operator's directory.
 *
 * @throws {Exit} with code 2 when the directory cannot be read
 */
export function operatorFiles(options: RuleOptions, context: Context): readonly RuleFile[] {
  const directory = rulesDirectory(options, context);
  return directory === undefined ? [] : readable(() => readRuleDirectory(directory));
}

/** A directory that is not there is a slip of the pen. */
function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RuleDirectoryError) throw new Exit(EXIT.usage, error.message);
    throw error;
  }
}

/** The rules in force, as a worker with the same options would have them. */
export interface RulesInForce {
  /** Where they come from, for who follows their changes or sets their states. */
  readonly rules: RuleStore;
  readonly pack: Pack;
  readonly attack: Attack;
  /** Everything that was found, errors included. */
  readonly problems: readonly Problem[];
}

/**
 * Loads ATT&CK, the built-in pack and the operator's directory, and proves all of
 * it: the kill-chain map, the pack and the directory.
 *
 * @param fresh prove the patterns of the pack again, which the build has proven
 * @throws {Exit} with code 2 when the directory cannot be read
 */
export async function proveRules(
  options: RuleOptions,
  context: Context,
  fresh: boolean = false,
): Promise<RulesInForce> {
  const attack = await attackInForce(options, context);
  const rules = ruleStore(options, context, attack, fresh);
  const { pack, problems } = readable(() => rules.load());
  return { rules, pack, attack, problems: [...killChainProblems(attack), ...problems] };
}

/** The built-in pack, with the operator's directory over it when there is one. */
function ruleStore(
  options: RuleOptions,
  context: Context,
  attack: Attack,
  fresh: boolean,
): RuleStore {
  const { rules, intel } = loadPack();
  const pack = fresh
    ? { rules: rules.map(({ literals: _stored, ...rule }) => rule), intel }
    : loadPack();
  const embedded = new EmbeddedRules(pack, attack, checkContext(options));
  const directory = rulesDirectory(options, context);
  if (directory === undefined) return embedded;
  return new DirectoryRules(embedded, { directory, attack, context: () => checkContext(options) });
}

/**
 * The same for commands that need rules that hold. Warnings about the operator's
 * rules are printed.
 *
 * @throws {RuleError} when something cannot be used
 */
export async function rulesInForce(options: RuleOptions, context: Context): Promise<RulesInForce> {
  const proven = await proveRules(options, context);
  const { problems } = proven;
  if (problems.some(({ severity }) => severity === "error")) throw new RuleError(problems);
  const shown = problems.filter(({ file }) => !file.startsWith("rules/"));
  printDiagnostics(context.terminal, shown.flatMap(problemLines));
  return proven;
}

/** The map is code: a fault in it is one of the program, or of a bundle that is too old for it. */
function killChainProblems(attack: Attack): readonly Problem[] {
  return checkKillChain(attack).map((message) => ({
    code: "kill_chain",
    severity: "error",
    file: "kill-chain map",
    line: 1,
    column: 1,
    path: [],
    message,
  }));
}

import type { Command } from "commander";
import { loadEmbeddedAttack } from "../attack/embedded.ts";
import type { Attack } from "../attack/matrix.ts";
import type { CheckContext } from "../rules/check.ts";
import type { RuleFile } from "../rules/load.ts";
import { overlay, type Pack } from "../rules/overlay.ts";
import { loadPack } from "../rules/pack.ts";
import { type Problem, RuleError } from "../rules/problem.ts";
import { lifterFaults } from "../tagging/registry.ts";
import { readRuleDirectory, RuleDirectoryError } from "../worker/rule_directory.ts";
import type { Context } from "./context.ts";
import { printDiagnostics, problemLines } from "./diagnostics.ts";
import { EXIT, Exit } from "./exit.ts";

/** Options of every command that works with rules. */
export interface RuleOptions {
  /** Directory of an operator's own rules. */
  readonly rules?: string;
  readonly allowBacktracking?: boolean;
}

/** Adds the options of `RuleOptions` to a command. */
export function addRuleOptions(command: Command): Command {
  return command
    .option("--rules <dir>", "lay the rules of a directory over the built-in pack")
    .option("--allow-backtracking", "accept patterns with look-arounds and back-references");
}

/** What rules are proven against on the command line. */
export function checkContext({ allowBacktracking = false }: RuleOptions): CheckContext {
  return { lifters: (document) => lifterFaults(document), now: new Date(), allowBacktracking };
}

/**
 * Files of the operator's directory, from the option or `DECNET_TTP_RULES_DIR`.
 *
 * @throws {Exit} with code 2 when the directory cannot be read
 */
export function operatorFiles(options: RuleOptions, context: Context): readonly RuleFile[] {
  const directory = options.rules ?? context.env("DECNET_TTP_RULES_DIR");
  if (directory === undefined || directory === "") return [];
  try {
    return readRuleDirectory(directory);
  } catch (error) {
    if (error instanceof RuleDirectoryError) throw new Exit(EXIT.usage, error.message);
    throw error;
  }
}

/** The rules in force, as a worker with the same options would have them. */
export interface RulesInForce {
  readonly pack: Pack;
  readonly attack: Attack;
  readonly problems: readonly Problem[];
}

/**
 * The built-in pack with the operator's directory over it. Warnings are printed.
 *
 * @throws {RuleError} when a rule cannot be used
 */
export function rulesInForce(options: RuleOptions, context: Context): RulesInForce {
  const attack = loadEmbeddedAttack();
  const files = operatorFiles(options, context);
  const { pack, problems } = overlay(loadPack(), files, attack, checkContext(options));
  if (problems.some(({ severity }) => severity === "error")) throw new RuleError(problems);
  printDiagnostics(context.terminal, problems.flatMap(problemLines));
  return { pack, attack, problems };
}

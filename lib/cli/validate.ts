import type { Command } from "commander";
import { loadEmbeddedAttack } from "../attack/embedded.ts";
import { checkKillChain } from "../attack/kill_chain.ts";
import type { Attack } from "../attack/matrix.ts";
import { checkRules } from "../rules/check.ts";
import { overlay } from "../rules/overlay.ts";
import { loadPack } from "../rules/pack.ts";
import type { Problem } from "../rules/problem.ts";
import type { Context } from "./context.ts";
import { problemLines } from "./diagnostics.ts";
import { jsonLine } from "./escape.ts";
import { EXIT, Exit } from "./exit.ts";
import { addExamples, COMMAND_GROUPS } from "./help.ts";
import { addRuleOptions, checkContext, operatorFiles, type RuleOptions } from "./rule_source.ts";

interface ValidateOptions extends RuleOptions {
  readonly json?: boolean;
}

/** Registers `validate`. */
export function registerValidate(program: Command, context: Context): void {
  const command = program.command("validate")
    .helpGroup(COMMAND_GROUPS.rules)
    .description("prove rules, intel tables and the kill-chain map against ATT&CK")
    .option("--json", "print one JSON object")
    .action((options: ValidateOptions) => validate(options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp validate", "is what the program carries sound?"],
    ["decnet-ttp validate --rules ./my-rules", "are my rules sound? Every problem, with its place"],
  ]);
}

/** Everything is looked at, and everything that is wrong is shown, before the answer is "no". */
function validate(options: ValidateOptions, context: Context): void {
  const { terminal } = context;
  const attack = loadEmbeddedAttack();
  const base = loadPack();
  const proof = checkContext(options);
  // Without their stored literals the patterns of the pack are proven again.
  const unproven = base.rules.map(({ literals: _stored, ...rule }) => rule);
  const laid = overlay(base, operatorFiles(options, context), attack, proof);
  const problems = [
    ...killChainProblems(attack),
    ...checkRules({ rules: unproven, intel: base.intel }, attack, proof),
    ...laid.problems,
  ];
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const facts = {
    ok: errors === 0,
    rules: laid.pack.rules.length,
    tables: laid.pack.intel.length,
    attack: [attack.enterprise.release, attack.ics.release],
  };
  if (options.json === true) {
    terminal.out(jsonLine({ ...facts, problems }));
  } else {
    for (const problem of problems) {
      const [head = "", ...excerpt] = problemLines(problem);
      terminal.out(terminal.paint(problem.severity === "error" ? "red" : "yellow", head));
      for (const line of excerpt) terminal.out(terminal.paint("dim", line));
    }
    terminal.out(summary(facts, errors, problems.length - errors));
  }
  if (errors > 0) throw new Exit(EXIT.no);
}

function summary(
  { rules, tables, attack }: { rules: number; tables: number; attack: readonly string[] },
  errors: number,
  warnings: number,
): string {
  const found = [
    ...(errors > 0 ? [count(errors, "error")] : []),
    ...(warnings > 0 ? [count(warnings, "warning")] : []),
  ];
  return `${found.length === 0 ? "no problems" : found.join(", ")}; ${count(rules, "rule")} and ` +
    `${count(tables, "intel table")} usable with ATT&CK ${attack.join(" and ")}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
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

import type { Command } from "commander";
import type { Context } from "../context.ts";
import { problemLines } from "../output/diagnostics.ts";
import { jsonLine } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { addRuleOptions, proveRules, type RuleOptions } from "../rule_source.ts";

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
async function validate(options: ValidateOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { pack, attack, problems } = await proveRules(options, context, true);
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const facts = {
    ok: errors === 0,
    rules: pack.rules.length,
    tables: pack.intel.length,
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

import type { Command } from "commander";
import { UNKNOWN_PAYLOAD_FIELD } from "../../rules/format/check_match.ts";
import type { Problem } from "../../rules/format/problem.ts";
import type { Context } from "../context.ts";
import { problemLines } from "../output/diagnostics.ts";
import { jsonLine } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { addRuleOptions, proveRules, type RuleOptions } from "../rule_source.ts";

interface ValidateOptions extends RuleOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

/** Registers `validate`. */
export function registerValidate(program: Command, context: Context): void {
  const command = program.command("validate")
    .helpGroup(COMMAND_GROUPS.rules)
    .description("prove rules, intel tables and the kill-chain map against ATT&CK")
    .option("--strict", "take a field that no event is known to have for an error")
    .option("--json", "print one JSON object")
    .action((options: ValidateOptions) => validate(options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp validate", "is what the program carries sound?"],
    ["decnet-ttp validate --rules ./my-rules", "are my rules sound? Every problem, with its place"],
    ["decnet-ttp validate --strict --rules ./my-rules", "and do all fields exist? For a pipeline"],
  ]);
}

/** Everything is looked at, and everything that is wrong is shown, before the answer is "no". */
async function validate(options: ValidateOptions, context: Context): Promise<void> {
  const { terminal } = context;
  const { pack, attack, problems: found } = await proveRules(options, context, true);
  const problems = options.strict === true ? found.map(strictly) : found;
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

/** A field that does not exist is a slip of the pen, unless a producer of one's own sends it. */
function strictly(problem: Problem): Problem {
  return problem.code === UNKNOWN_PAYLOAD_FIELD ? { ...problem, severity: "error" } : problem;
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

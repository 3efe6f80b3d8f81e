import type { Command } from "commander";
import {
  ATTACK_LIMIT_MS,
  type AttackReport,
  attackRules,
} from "../../../rules/evaluation/adversary.ts";
import { runExamples } from "../../../rules/run/examples.ts";
import type { Context } from "../../context.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples } from "../../help.ts";
import { lifterMatches } from "../../rule_examples.ts";
import { selectRules } from "../../rule_selection.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest example that is shown, in characters. */
const SHOWN_CHARACTERS = 200;

interface ProveOptions extends RuleOptions {
  readonly json?: boolean;
  readonly strict?: boolean;
}

/** Registers `rules test`. */
export function registerRulesTest(group: Command, context: Context): void {
  const command = group.command("test")
    .description("run the examples that rules carry; a rule without examples fails")
    .argument("[ids...]", "only rules with these ids; * and ? stand for anything")
    .option("--json", "print one JSON object")
    .option(
      "--strict",
      "also prove that no pattern is slow on texts made against it; takes a while",
    )
    .action((ids: string[], options: ProveOptions) => prove(ids, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp rules test", "does every rule do what its examples say?"],
    ["decnet-ttp rules test --rules ./my-rules MY_RULE", "only one of my own"],
  ]);
}

async function prove(
  ids: readonly string[],
  options: ProveOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const { pack } = await rulesInForce(options, context);
  const rules = selectRules(pack.rules, { ids });
  const report = runExamples(rules, lifterMatches(pack.intel), options);
  const attack = options.strict === true ? attackRules(rules, () => performance.now()) : undefined;
  const right = report.failures.length === 0 && report.without.length === 0;
  const ok = right && (attack === undefined || attack.slow.length === 0);
  if (options.json === true) {
    terminal.out(
      jsonLine({ ok, rules: rules.length, ...report, ...(attack !== undefined && { attack }) }),
    );
  } else {
    for (const { ruleId, group, index, example, message } of report.failures) {
      const text = typeof example === "string" ? example : JSON.stringify(example);
      terminal.out(
        `${terminal.paint("red", "failed")} ${ruleId} tests.${group}[${index}] ${message}: ` +
          printable(text, SHOWN_CHARACTERS),
      );
    }
    for (const ruleId of report.without) {
      terminal.out(`${terminal.paint("red", "failed")} ${ruleId} has no examples: add tests to it`);
    }
    const failed = new Set([...report.failures.map(({ ruleId }) => ruleId), ...report.without]);
    terminal.out(
      `${report.run} examples of ${rules.length} rules: ` +
        (right ? "all as they should be" : `${failed.size} rules failed`),
    );
    if (attack !== undefined) printAttack(terminal, attack);
  }
  if (!ok) throw new Exit(EXIT.no);
}

function printAttack(terminal: Terminal, { patterns, texts, worst, slow }: AttackReport): void {
  for (const { ruleId, pattern, milliseconds, text } of slow) {
    terminal.out(
      `${terminal.paint("red", "slow")} ${ruleId} ${milliseconds.toFixed(1)} ms: ` +
        `${printable(pattern, SHOWN_CHARACTERS)} on ${printable(text, SHOWN_CHARACTERS)}`,
    );
  }
  terminal.out(
    `${patterns} patterns on ${texts} texts of 64 KiB made against them: the slowest took ` +
      `${worst.milliseconds.toFixed(1)} ms (${worst.ruleId}), ${ATTACK_LIMIT_MS} ms are allowed`,
  );
}

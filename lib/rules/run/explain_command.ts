import type { CommandCondition } from "../format/command_condition.ts";
import type { PatternSource } from "../compile/conditions.ts";
import { WorkMeter } from "../compile/work_meter.ts";
import { compileParts, programNames } from "../command/parts.ts";
import type { CommandAnalysis, SimpleCommand } from "../command/simple_command.ts";

/** How near the commands of a text come to a condition. */
export interface CommandExplanation {
  readonly holds: boolean;
  /** The command that satisfies the condition, or the one that comes nearest. */
  readonly command?: SimpleCommand;
  /** Keys of the condition that this command does not satisfy. */
  readonly fails: readonly string[];
}

/** Tells why a command condition holds for a text, or what it fails on. */
export function explainCommand(
  condition: CommandCondition,
  analysis: CommandAnalysis,
  patterns: PatternSource,
): CommandExplanation {
  const program = programNames(condition.program);
  const parts = compileParts(condition, patterns, new WorkMeter());
  let nearest: CommandExplanation | undefined;
  for (const command of analysis.commands) {
    if (program !== undefined && !program.has(command.program)) continue;
    const fails = parts.filter((part) => !part.holds(command)).map(({ key }) => key);
    if (nearest === undefined || fails.length < nearest.fails.length) {
      nearest = { holds: fails.length === 0, command, fails };
    }
    if (fails.length === 0) break;
  }
  return nearest ?? { holds: false, fails: program === undefined ? ["command"] : ["program"] };
}

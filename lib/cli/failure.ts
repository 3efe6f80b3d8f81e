import { CommanderError } from "commander";
import { BusError } from "../bus/bus.ts";
import { RuleError } from "../rules/problem.ts";
import { problemLines } from "./diagnostics.ts";
import { printable } from "./escape.ts";
import { EXIT, Exit, type ExitCode } from "./exit.ts";

/** What a failed command leaves behind. */
export interface Failure {
  readonly code: ExitCode;
  /** For standard error. */
  readonly lines: readonly string[];
}

/** Turns whatever a command threw into its exit code and its diagnostics. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof Exit) {
    const lines = error.message === "" ? [] : error.message.split("\n");
    return { code: error.code, lines: lines.map(errorLine) };
  }
  if (error instanceof CommanderError) return usage(error);
  if (error instanceof RuleError) {
    return { code: EXIT.rules, lines: error.problems.flatMap(problemLines) };
  }
  if (error instanceof BusError) return { code: EXIT.bus, lines: [errorLine(error.message)] };
  return defect(error);
}

/** Commander has its suggestion on a second line, and has printed help by itself. */
function usage(error: CommanderError): Failure {
  if (error.exitCode === 0) return { code: EXIT.done, lines: [] };
  if (error.code === "commander.help") return { code: EXIT.usage, lines: [] };
  const message = error.message.replace(/^error: /, "").replace(/\n\(/g, " (");
  return { code: EXIT.usage, lines: [errorLine(message)] };
}

function defect(error: unknown): Failure {
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  const [first = "", ...rest] = text.split("\n");
  return {
    code: EXIT.defect,
    lines: [
      errorLine(`this is a defect of decnet-ttp, please report it: ${first}`),
      ...rest.map((line) => printable(line)),
    ],
  };
}

function errorLine(message: string): string {
  return `error: ${printable(message)}`;
}

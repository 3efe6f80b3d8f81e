import { CommanderError } from "commander";
import { AttackBundleError } from "../attack/errors.ts";
import { BusError } from "../bus/bus.ts";
import { BusSettingsError } from "../bus/nats_settings.ts";
import { SubjectError } from "../bus/subjects.ts";
import { RuleError } from "../rules/problem.ts";
import { problemLines } from "./diagnostics.ts";
import { printable } from "./escape.ts";
import { StoreError } from "../store/errors.ts";
import { EXIT, Exit, type ExitCode } from "./exit.ts";
import { SettingsError } from "./settings.ts";

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
  for (const [kind, code] of EXIT_BY_ERROR) {
    if (error instanceof kind) return { code, lines: [errorLine(error.message)] };
  }
  return defect(error);
}

/** Failures that are not the program's own, and what the process reports for them. */
const EXIT_BY_ERROR: readonly (readonly [new (...args: never[]) => Error, ExitCode])[] = [
  [SettingsError, EXIT.usage],
  [BusSettingsError, EXIT.usage],
  [SubjectError, EXIT.usage],
  [AttackBundleError, EXIT.rules],
  [StoreError, EXIT.database],
  [BusError, EXIT.bus],
];

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

import { CommanderError } from "commander";
import { AttackBundleError } from "../attack/errors.ts";
import { nearest } from "../attack/spelling.ts";
import { BusError } from "../bus/bus.ts";
import { BusSettingsError } from "../bus/nats/settings.ts";
import { SubjectError } from "../bus/subjects.ts";
import { RuleError } from "../rules/format/problem.ts";
import { problemLines } from "./output/diagnostics.ts";
import { printable } from "../text/terminal.ts";
import { StoreError } from "../store/sqlite/errors.ts";
import { EXIT, Exit, type ExitCode } from "./exit.ts";
import { SettingsError } from "./settings/settings.ts";
import { SettingsFileError } from "./settings/file.ts";

/** What a failed command leaves behind. */
export interface Failure {
  readonly code: ExitCode;
  /** For standard error. */
  readonly lines: readonly string[];
}

/**
 * Turns whatever a command threw into its exit code and its diagnostics.
 *
 * @param debug shows where a defect is
 */
export function describeFailure(error: unknown, debug: boolean = false): Failure {
  if (error instanceof Exit) {
    const lines = error.message === "" ? [] : error.message.split("\n");
    return { code: error.code, lines: lines.map(errorLine) };
  }
  if (error instanceof CommanderError) return usage(error);
  if (error instanceof SettingsFileError) {
    return { code: EXIT.usage, lines: error.problems.flatMap(problemLines) };
  }
  if (error instanceof RuleError) {
    return { code: EXIT.rules, lines: error.problems.flatMap(problemLines) };
  }
  for (const [kind, code] of EXIT_BY_ERROR) {
    if (error instanceof kind) return { code, lines: [errorLine(error.message)] };
  }
  return defect(error, debug);
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
  return { code: EXIT.usage, lines: [errorLine(`${message}${meantChoice(message)}`)] };
}

/** Commander suggests commands and options, and says of choices only which there are. */
function meantChoice(message: string): string {
  const [, said, choices] = /'([^']*)' is invalid.* Allowed choices are (.*)\.$/.exec(message) ??
    [];
  const meant = said && choices ? nearest(said, choices.split(", ")) : undefined;
  return meant === undefined ? "" : ` (Did you mean ${meant}?)`;
}

/** Whatever has no class of its own is a mistake in this program. */
function defect(error: unknown, debug: boolean): Failure {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const trace = error instanceof Error && debug ? error.stack?.split("\n").slice(1) ?? [] : [];
  const hint = debug ? "" : " with what --debug shows of it";
  return {
    code: EXIT.no,
    lines: [
      errorLine(what),
      `this is a defect of decnet-ttp; please report it${hint}`,
      ...trace.map((line) => printable(line)),
    ],
  };
}

function errorLine(message: string): string {
  return `error: ${printable(message)}`;
}

import { formatProblem, type Problem } from "../../rules/format/problem.ts";
import { printable } from "../../text/terminal.ts";
import type { Terminal } from "./terminal.ts";

/** Longest excerpt of a source line that is shown. */
const EXCERPT_CHARACTERS = 160;

/**
 * Text of one problem: the line of `formatProblem()` with its severity, then,
 * when known, the source line with a caret under the position.
 */
export function problemLines(problem: Problem): readonly string[] {
  const head = `${problem.severity}: ${printable(formatProblem(problem))}`;
  const { excerpt, line, column } = problem;
  if (excerpt === undefined || excerpt.trim() === "") return [head];
  const before = printable(excerpt.slice(0, column - 1));
  const gutter = `${line} | `;
  const shown = `${gutter}${printable(excerpt, EXCERPT_CHARACTERS)}`;
  if (before.length >= EXCERPT_CHARACTERS) return [head, shown];
  return [head, shown, `${" ".repeat(gutter.length - 2)}| ${" ".repeat(before.length)}^`];
}

/** Prints diagnostics on standard error, with their leading `error:` or `warning:` in colour. */
export function printDiagnostics(terminal: Terminal, lines: readonly string[]): void {
  for (const line of lines) {
    terminal.err(
      line.replace(
        /^(error|warning):/,
        (label) => terminal.paintErr(label === "error:" ? "red" : "yellow", label),
      ),
    );
  }
}

import type { FalseAlarm, Miss } from "../../../rules/evaluation/report.ts";
import { printable } from "../../../text/terminal.ts";
import { tableLines } from "../../output/table.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest text of a corpus line that is shown, in characters. */
const SHOWN_CHARACTERS = 300;

/** Prints what was expected and not found. */
export function printMisses(terminal: Terminal, misses: readonly Miss[]): void {
  print(
    terminal,
    ["technique", "item", "found", "text"],
    misses.map(({ technique, id, found, text }) => [
      technique,
      printable(id, 40),
      found.join(" "),
      printable(text, SHOWN_CHARACTERS),
    ]),
  );
}

/** Prints what was found and should not have been. */
export function printFalseAlarms(terminal: Terminal, falseAlarms: readonly FalseAlarm[]): void {
  print(
    terminal,
    ["technique", "rules", "item", "text"],
    falseAlarms.map(({ technique, ruleIds, id, text }) => [
      technique,
      ruleIds.join(" "),
      printable(id, 40),
      printable(text, SHOWN_CHARACTERS),
    ]),
  );
}

const NUMBERS =
  /^(?:items|value|right|wrong|missed|precision|recall|F1|tests|hit|noise|before|now|change|lines|matches|defensible|share|confidence)$/;

/** Prints rows under their titles; numbers stand to the right. */
export function print(
  terminal: Terminal,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  if (rows.length === 0) {
    terminal.out(terminal.paint("dim", "none"));
    return;
  }
  const columns = titles.map((title) => ({
    title,
    ...(NUMBERS.test(title) && { align: "right" as const }),
    ...(/^(?:text|found|item|rules)$/.test(title) && { min: 12 }),
  }));
  for (const line of tableLines(terminal, columns, rows)) terminal.out(line);
}

/** Prints the title of a table. */
export function section(terminal: Terminal, title: string): void {
  terminal.out();
  terminal.out(terminal.paint("bold", title));
}

/** A share as people read it; empty when there is none. */
export function percent(value: number | undefined): string {
  return value === undefined ? "" : `${(value * 100).toFixed(2)} %`;
}

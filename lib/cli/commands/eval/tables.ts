import type { Comparison } from "../../../rules/evaluation/comparison.ts";
import type { FalseAlarm, Miss, Report } from "../../../rules/evaluation/report.ts";
import { printable } from "../../output/escape.ts";
import { tableLines } from "../../output/table.ts";
import type { Terminal } from "../../output/terminal.ts";

/** Longest text of a corpus line that is shown, in characters. */
const SHOWN_CHARACTERS = 300;

/** Prints a measurement for people: the figures first, then where they come from. */
export function printReport(terminal: Terminal, report: Report, worst: number): void {
  printFigures(terminal, report);
  section(terminal, "Weakest techniques of honeypot lines");
  print(
    terminal,
    ["technique", "right", "wrong", "missed", "precision", "recall", "F1"],
    report.techniques.slice(0, worst).map((one) => [
      one.technique,
      String(one.right),
      String(one.wrong),
      String(one.missed),
      percent(one.precision),
      percent(one.recall),
      percent(one.f1),
    ]),
  );
  section(terminal, "Weakest techniques of tests");
  const failed = (report.tests?.techniques ?? []).filter(({ count, exact }) => exact < count)
    .toSorted((a, b) => (b.count - b.exact) - (a.count - a.exact));
  print(
    terminal,
    ["technique", "tests", "hit"],
    failed.slice(0, worst).map((
      { technique, count, exact },
    ) => [technique, String(count), String(exact)]),
  );
  section(terminal, "Rules with the most false alarms");
  print(
    terminal,
    ["rule", "right", "wrong", "noise"],
    report.rules.filter(({ wrong, noise }) => wrong + noise > 0).slice(0, worst).map((one) => [
      one.ruleId,
      String(one.right),
      String(one.wrong),
      String(one.noise),
    ]),
  );
  section(terminal, `Misses (${report.misses.length})`);
  printMisses(terminal, report.misses.slice(0, worst));
  section(terminal, `False alarms (${report.false_alarms.length})`);
  printFalseAlarms(terminal, report.false_alarms.slice(0, worst));
}

/** Prints what two measurements have not in common. */
export function printComparison(terminal: Terminal, comparison: Comparison): void {
  section(terminal, "Compared with the earlier run");
  print(
    terminal,
    ["figure", "before", "now", "change"],
    comparison.figures.map(({ name, before, after }) => [
      name,
      percent(before),
      percent(after),
      before === undefined || after === undefined
        ? ""
        : `${after >= before ? "+" : ""}${((after - before) * 100).toFixed(2)}`,
    ]),
  );
  section(terminal, `New misses (${comparison.newMisses.length})`);
  printMisses(terminal, comparison.newMisses);
  section(terminal, `Misses that are gone (${comparison.mendedMisses.length})`);
  printMisses(terminal, comparison.mendedMisses);
  section(terminal, `New false alarms (${comparison.newFalseAlarms.length})`);
  printFalseAlarms(terminal, comparison.newFalseAlarms);
  section(terminal, `False alarms that are gone (${comparison.mendedFalseAlarms.length})`);
  printFalseAlarms(terminal, comparison.mendedFalseAlarms);
}

function printFigures(terminal: Terminal, { tests, honeypot, benign }: Report): void {
  const rows: string[][] = [];
  if (tests !== undefined) {
    rows.push(
      ["tests", String(tests.count), "exact recall", percent(tests.exact_recall)],
      ["", "", "recall of the parent", percent(tests.parent_recall)],
    );
  }
  if (honeypot !== undefined) {
    rows.push(
      ["honeypot lines", String(honeypot.count), "precision", percent(honeypot.precision)],
      ["", "", "recall", percent(honeypot.recall)],
      ["", "", "F1", percent(honeypot.f1)],
      ["", "", "macro F1", percent(honeypot.macro_f1)],
      ["lines to stay clean", String(honeypot.clean_count), "clean", percent(honeypot.clean)],
    );
  }
  if (benign !== undefined) {
    rows.push(["ordinary commands", String(benign.count), "noise", percent(benign.noise)]);
  }
  print(terminal, ["measured on", "items", "figure", "value"], rows);
}

function printMisses(terminal: Terminal, misses: readonly Miss[]): void {
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

function printFalseAlarms(terminal: Terminal, falseAlarms: readonly FalseAlarm[]): void {
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
  /^(?:items|value|right|wrong|missed|precision|recall|F1|tests|hit|noise|before|now|change)$/;

function print(
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

function section(terminal: Terminal, title: string): void {
  terminal.out();
  terminal.out(terminal.paint("bold", title));
}

function percent(value: number | undefined): string {
  return value === undefined ? "" : `${(value * 100).toFixed(2)} %`;
}

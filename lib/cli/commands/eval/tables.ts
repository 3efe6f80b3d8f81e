import type { Report } from "../../../rules/evaluation/report.ts";
import { printable } from "../../../text/terminal.ts";
import type { Terminal } from "../../output/terminal.ts";
import { printFigures } from "./figure_table.ts";
import { percent, print, printFalseAlarms, printMisses, section } from "./table_parts.ts";

/** Prints a measurement for people: the figures first, then where they come from. */
export function printReport(terminal: Terminal, report: Report, worst: number): void {
  printFigures(terminal, report);
  printCalibration(terminal, report, worst);
  printFamilies(terminal, report, worst);
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

/** Emissions that matched less often say nothing about their confidence. */
const MIN_MATCHES = 5;

function printCalibration(terminal: Terminal, { calibration }: Report, worst: number): void {
  if (calibration === undefined) return;
  section(
    terminal,
    "Calibration on honeypot lines: a confidence should be its share of right matches",
  );
  print(
    terminal,
    ["confidence", "matches", "right", "defensible", "wrong", "share"],
    calibration.buckets.map(({ from, to, matches, right, defensible, wrong, share }) => [
      `${from.toFixed(1)} to ${to.toFixed(1)}`,
      String(matches),
      String(right),
      String(defensible),
      String(wrong),
      matches === 0 ? "" : percent(share),
    ]),
  );
  const off = (one: typeof calibration.emissions[number]) => Math.abs(one.confidence - one.share);
  const furthest = calibration.emissions.filter(({ matches }) => matches >= MIN_MATCHES)
    .toSorted((a, b) => off(b) - off(a));
  section(terminal, `Confidences furthest from their share, of ${MIN_MATCHES} matches and more`);
  print(
    terminal,
    ["rule", "technique", "confidence", "share", "matches", "right", "defensible", "wrong"],
    furthest.slice(0, worst).map((one) => [
      one.ruleId,
      one.technique,
      one.confidence.toFixed(2),
      one.share.toFixed(2),
      String(one.matches),
      String(one.right),
      String(one.defensible),
      String(one.wrong),
    ]),
  );
}

function printFamilies(terminal: Terminal, { honeypot }: Report, worst: number): void {
  if (honeypot === undefined) return;
  section(terminal, `Largest of ${honeypot.family_count} families of honeypot lines`);
  print(
    terminal,
    ["lines", "right", "wrong", "missed", "F1", "programs"],
    honeypot.families.slice(0, worst).map((one) => [
      String(one.lines),
      String(one.right),
      String(one.wrong),
      String(one.missed),
      percent(one.f1),
      one.family === "" ? "none" : printable(one.family, 80),
    ]),
  );
}

import type { FalseAlarm, Miss, Report } from "./report.ts";

/** The figures that a measurement is judged by. */
export const FIGURES = [
  "exact_recall",
  "parent_recall",
  "precision",
  "recall",
  "f1",
  "macro_f1",
  "clean",
  "execution",
  "upload",
  "download",
  "file_read",
  "privilege_escalation",
  "attack",
  "exploit",
  "noise",
  "request_noise",
] as const;

/** Name of one of the figures. */
export type FigureName = typeof FIGURES[number];

/** Tells the figures that should be small. */
export function isNoise(name: FigureName): boolean {
  return name === "noise" || name === "request_noise";
}

/** Value of a figure; nothing when there was nothing to measure it on. */
export function figure(report: Report, name: FigureName): number | undefined {
  switch (name) {
    case "exact_recall":
    case "parent_recall":
      return report.tests?.[name];
    case "execution":
    case "upload":
    case "download":
    case "file_read":
    case "privilege_escalation":
      return report.abuse?.groups[name]?.share;
    case "attack":
    case "exploit":
      return report.requests?.[name]?.share;
    case "noise":
      return report.benign?.noise;
    case "request_noise":
      return report.requests?.ordinary?.noise;
    default:
      return report.honeypot?.[name];
  }
}

/** How one measurement differs from another one of the same corpus. */
export interface Comparison {
  readonly figures: readonly {
    readonly name: FigureName;
    readonly before: number | undefined;
    readonly after: number | undefined;
  }[];
  /** Misses and false alarms that are only in the new one, and those that are gone. */
  readonly newMisses: readonly Miss[];
  readonly mendedMisses: readonly Miss[];
  readonly newFalseAlarms: readonly FalseAlarm[];
  readonly mendedFalseAlarms: readonly FalseAlarm[];
}

/** Compares two measurements; items are told apart by their id and technique. */
export function compareReports(before: Report, after: Report): Comparison {
  return {
    figures: FIGURES
      .map((name) => ({ name, before: figure(before, name), after: figure(after, name) }))
      .filter((row) => row.before !== undefined || row.after !== undefined),
    newMisses: without(after.misses, before.misses),
    mendedMisses: without(before.misses, after.misses),
    newFalseAlarms: without(after.false_alarms, before.false_alarms),
    mendedFalseAlarms: without(before.false_alarms, after.false_alarms),
  };
}

function without<T extends { readonly id: string; readonly technique: string }>(
  items: readonly T[],
  others: readonly T[],
): readonly T[] {
  const known = new Set(others.map(key));
  return items.filter((item) => !known.has(key(item)));
}

function key({ id, technique }: { readonly id: string; readonly technique: string }): string {
  return JSON.stringify([id, technique]);
}

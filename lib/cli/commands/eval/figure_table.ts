import type { Report, Share } from "../../../rules/evaluation/report.ts";
import type { Terminal } from "../../output/terminal.ts";
import { percent, print } from "./table_parts.ts";

/** What was measured, how many of it, the figure and its value. */
type Row = readonly [measured: string, items: string, figure: string, value: string];

/** Prints the figures that a measurement is judged by. */
export function printFigures(terminal: Terminal, report: Report): void {
  print(terminal, ["measured on", "items", "figure", "value"], [
    ...testRows(report),
    ...honeypotRows(report),
    ...abuseRows(report),
    ...requestRows(report),
    ...benignRows(report),
    ...trafficRows(report),
  ]);
}

function testRows({ tests }: Report): readonly Row[] {
  if (tests === undefined) return [];
  const parts = tests.collections.length > 1
    ? tests.collections.map((one) => [`tests of ${one.name}`, one] as const)
    : [["tests", tests] as const];
  return parts.flatMap(([name, { count, exact_recall: exact, parent_recall: parent }]): Row[] => [
    [name, String(count), "exact recall", percent(exact)],
    ["", "", "recall of the parent", percent(parent)],
  ]);
}

function honeypotRows({ honeypot }: Report): readonly Row[] {
  if (honeypot === undefined) return [];
  const { count, precision, recall, f1, macro_f1: macro, macro_count: techniques } = honeypot;
  return [
    ["honeypot lines", String(count), "precision", percent(precision)],
    ["", "", "recall", percent(recall)],
    ["", "", "F1", percent(f1)],
    ["", "", `macro F1 of ${techniques} techniques`, percent(macro)],
    ["lines to stay clean", String(honeypot.clean_count), "clean", percent(honeypot.clean)],
  ];
}

function abuseRows({ abuse }: Report): readonly Row[] {
  if (abuse === undefined) return [];
  return Object.entries(abuse.groups).map(([group, share]) =>
    shareRow("abused programs", group.replaceAll("_", " "), share)
  );
}

function requestRows({ requests }: Report): readonly Row[] {
  if (requests === undefined) return [];
  const { attack, exploit, ordinary } = requests;
  return [
    ...(attack === undefined ? [] : [shareRow("web attacks", "any technique", attack)]),
    ...(exploit === undefined ? [] : [shareRow("exploits", "exploitation", exploit)]),
    ...(ordinary === undefined
      ? []
      : [["ordinary requests", String(ordinary.count), "noise", percent(ordinary.noise)] as const]),
  ];
}

function benignRows({ benign }: Report): readonly Row[] {
  if (benign === undefined) return [];
  return [
    ["ordinary commands", String(benign.count), "noise", percent(benign.noise)],
    ["", "", "with everyday techniques", percent(benign.everyday_noise)],
  ];
}

function trafficRows({ traffic }: Report): readonly Row[] {
  if (traffic === undefined) return [];
  const { distinct, distinct_labelled: some, typed, typed_labelled: often } = traffic;
  return [
    ["distinct traffic", String(distinct), "labelled", percent(some / distinct)],
    ["traffic as typed", String(typed), "labelled", percent(often / typed)],
  ];
}

function shareRow(measured: string, figure: string, { count, share }: Share): Row {
  return [measured, String(count), figure, percent(share)];
}

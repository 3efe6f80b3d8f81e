import type { Comparison } from "../../../rules/evaluation/comparison.ts";
import type { Terminal } from "../../output/terminal.ts";
import { percent, print, printFalseAlarms, printMisses, section } from "./table_parts.ts";

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

/**
 * `deno task test:soak [--minutes N] [--rate N] [--seed N] [--slack N]`: sends sessions of
 * every size to a real worker through JetStream at a steady rate, and prints what
 * was lost, which must be nothing, how long it stood still, and its memory.
 */
import { parseArgs } from "node:util";
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { soakRun } from "../tests/soak/soak_run.ts";

/** A worker that stands still for longer while messages wait is broken, in milliseconds. */
const STAND_STILL_MS = 1_000;

/** A worker that takes more memory is, too, in MiB. */
const MOST_MIB = 180;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    // So many times the limits of time and memory hold on a machine that does other work too.
    slack: { type: "string", default: "1" },
  },
});

const terminal = processTerminal((name) => Deno.env.get(name));
const slack = positive("slack", values.slack);
const report = await soakRun({
  minutes: positive("minutes", values.minutes),
  rate: positive("rate", values.rate),
  seed: positive("seed", values.seed),
  onProgress: (text) => terminal.err(text),
});

for (const [name, value] of Object.entries(report)) {
  const shown = Array.isArray(value) ? value.length : Math.round(value * 10) / 10;
  terminal.out(`${name.padEnd(20)} ${shown}`);
}
for (const line of report.complaints.slice(0, 20)) terminal.out(line);
const { lost, invented, silent, phantom, repeats, longestStandStillMs, peakMiB } = report;
const broken = [
  [lost.length + silent.length > 0, "something was lost"],
  [invented.length + phantom.length > 0, "something was made up"],
  [repeats > 0, "something was announced twice"],
  [
    longestStandStillMs >= STAND_STILL_MS * slack,
    `it stood still for ${STAND_STILL_MS * slack} ms or longer`,
  ],
  [peakMiB > MOST_MIB * slack, `it took more than ${MOST_MIB * slack} MiB`],
].filter(([holds]) => holds).map(([, what]) => what);
for (const what of broken) terminal.out(`FAILED: ${what}`);
terminal.flush();
Deno.exit(broken.length === 0 ? 0 : 1);

/** Ends the process with 2 when it is not a number above 0. */
function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0 && number < Infinity)) {
    terminal.err(`error: --${name} takes a number above 0: current value is ${text}`);
    Deno.exit(2);
  }
  return number;
}

/**
 * `deno task test:crash`: kills the worker at random instants, restarts the
 * server, and prints what was lost, which must be nothing.
 */
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { crashRun } from "../tests/harness/crash_run.ts";

const terminal = processTerminal((name) => Deno.env.get(name));

const report = await crashRun({
  sessions: 100_000,
  kills: 60,
  serverRestarts: 5,
  onStep: (step) => terminal.err(step),
});
for (const [name, value] of Object.entries(report)) {
  const shown = Array.isArray(value) ? value.length : value;
  terminal.out(`${name.padEnd(16)} ${shown}`);
}
terminal.flush();
const broken = [report.lost, report.invented, report.silent, report.phantom].flat();
Deno.exit(broken.length === 0 ? 0 : 1);

/**
 * `deno task bench:compare BASE.json [NEW.json]`: prints how figures have
 * changed, each divided by what the machine does with the fixed kernel. Without
 * a second file the parts are measured now.
 */
import { processTerminal } from "../lib/cli/output/terminal.ts";
import { type BenchResult, shown } from "../tests/bench/result.ts";

const terminal = processTerminal((name) => Deno.env.get(name));
const [basePath, newPath] = Deno.args;
if (basePath === undefined) {
  terminal.err("usage: deno task bench:compare BASE.json [NEW.json]");
  terminal.flush();
  Deno.exit(2);
}
const base = read(basePath);
const now = newPath === undefined ? await measure() : read(newPath);
const machine = now.kernel_ms / base.kernel_ms;
terminal.out(`kernel ${shown(base.kernel_ms)} ms before, ${shown(now.kernel_ms)} ms now`);
for (const [name, value] of Object.entries(now.figures)) {
  const before = base.figures[name];
  if (before === undefined || before === 0) {
    terminal.out(`           ${shown(value).padStart(12)}  ${name} (new)`);
    continue;
  }
  // Rates fall on a slower machine, times rise; what is neither does not depend on it.
  const scale = name.endsWith("/s") ? machine : /, [µm]?s$/.test(name) ? 1 / machine : 1;
  const ratio = value / before * scale;
  terminal.out(`× ${ratio.toFixed(2).padStart(6)}   ${shown(value).padStart(12)}  ${name}`);
}
terminal.flush();

function read(path: string): BenchResult {
  return JSON.parse(Deno.readTextFileSync(path)) as BenchResult;
}

async function measure(): Promise<BenchResult> {
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const args = ["run", "-A", ".tasks/bench.ts", "--json", file];
    const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null" }).output();
    if (!success) Deno.exit(1);
    return read(file);
  } finally {
    await Deno.remove(file);
  }
}

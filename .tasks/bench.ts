/**
 * `deno task bench [-- --short] [--json FILE]`: times the parts of the program
 * with the runtime's own tool.
 */
import { benchResult, tellResult } from "../tests/bench/result.ts";

/** The parts that a glance at a change needs. */
const SHORT = "/kernel|envelope|whole pack|identity|insert/";

interface BenchOutput {
  readonly benches: readonly {
    readonly name: string;
    readonly results: readonly {
      readonly ok?: { readonly avg: number };
      readonly failed?: unknown;
    }[];
  }[];
}

const args = ["bench", "-A", "--no-check", "--json"];
if (Deno.args.includes("--short")) args.push("--filter", SHORT);
args.push("tests/bench/parts_bench.ts");
const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" })
  .output();
if (code !== 0) Deno.exit(code);
const { benches } = JSON.parse(new TextDecoder().decode(stdout)) as BenchOutput;
const micros = new Map(benches.map(({ name, results }) => {
  const average = results[0]?.ok?.avg;
  if (average === undefined) throw new Error(`the bench "${name}" failed`);
  return [name, average / 1000];
}));
const kernelMicros = micros.get("kernel") ?? 0;
micros.delete("kernel");
const figures = Object.fromEntries(
  micros.entries().map(([name, value]) => [`${name}, µs`, value]),
);
tellResult(benchResult(figures, kernelMicros / 1000), Deno.args);

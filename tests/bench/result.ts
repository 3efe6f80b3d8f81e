import { processTerminal } from "../../lib/cli/output/terminal.ts";
import { kernelMs } from "./kernel.ts";

/** What a run of a benchmark writes down. */
export interface BenchResult {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly runtime: string;
  };
  /** Time of the fixed kernel on this machine, in milliseconds. */
  readonly kernel_ms: number;
  /** By name; the unit stands in the name. */
  readonly figures: Readonly<Record<string, number>>;
}

/** Puts figures beside the machine that they were measured on. */
export function benchResult(
  figures: Readonly<Record<string, number>>,
  kernel: number = kernelMs(),
): BenchResult {
  return {
    machine: {
      cpu: /^model name\s*: (.*)$/m.exec(readOr("/proc/cpuinfo", ""))?.[1] ?? Deno.build.arch,
      cores: navigator.hardwareConcurrency,
      runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    },
    kernel_ms: kernel,
    figures,
  };
}

/** Prints a result, and writes it where `--json FILE` says. */
export function tellResult(result: BenchResult, args: readonly string[]): void {
  const terminal = processTerminal((name) => Deno.env.get(name));
  terminal.out(resultText(result));
  terminal.flush();
  const at = args.indexOf("--json");
  if (at < 0) return;
  const file = args[at + 1];
  if (file === undefined) throw new Error("--json needs the name of a file");
  Deno.writeTextFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
}

/** One figure a line. */
function resultText({ machine, kernel_ms: kernel, figures }: BenchResult): string {
  const rows = Object.entries(figures).map(([name, value]) =>
    `${shown(value).padStart(12)}  ${name}`
  );
  const head = `${machine.cpu}, ${machine.cores} cores, ${machine.runtime}; kernel ${
    shown(kernel)
  } ms`;
  return [head, ...rows].join("\n");
}

/** A figure with as many digits as mean something. */
export function shown(value: number): string {
  return value.toLocaleString("en", {
    maximumFractionDigits: value < 10 ? 3 : value < 100 ? 1 : 0,
  });
}

function readOr(path: string, otherwise: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return otherwise;
  }
}

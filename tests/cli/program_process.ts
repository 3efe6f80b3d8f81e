import { programArguments } from "../harness/program_arguments.ts";

/** What one run of the real program gave. */
export interface ProcessRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What starts a command of the program, for another program to do. */
export function programLine(
  args: readonly string[],
): { readonly command: string; readonly args: readonly string[] } {
  return { command: Deno.execPath(), args: programArguments(args) };
}

/** A command of the program as a process of its own, in an empty environment. */
export function programCommand(
  args: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.Command {
  const line = programLine(args);
  return new Deno.Command(line.command, {
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
    args: [...line.args],
    clearEnv: true,
    // The runtime finds its cache by these.
    env: { ...inherited("HOME", "DENO_DIR", "PATH"), ...options.env },
  });
}

/** Runs the real program with a text on standard input. */
export async function runProcess(
  args: readonly string[],
  input: string | Uint8Array = "",
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessRun> {
  const child = programCommand(args, { stdin: "piped", env }).spawn();
  const writing = new Blob([typeof input === "string" ? input : input.slice()]).stream()
    // A program that ends early has not read everything.
    .pipeTo(child.stdin).catch(() => {});
  const { code, stdout, stderr } = await child.output();
  await writing;
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

function inherited(...names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

import type { Command } from "commander";
import { processTerminal, type Terminal } from "./terminal.ts";

/** What a command knows of the world around it; a test passes its own. */
export interface Context {
  readonly terminal: Terminal;
  /** One environment variable. */
  env(name: string): string | undefined;
  /** Standard input, for commands that take `-`. */
  stdin(): ReadableStream<Uint8Array>;
}

/** Adds one command, or a group of them, to the program. */
export type Registrar = (program: Command, context: Context) => void;

/** The context of this process. */
export function processContext(): Context {
  const env = (name: string): string | undefined => Deno.env.get(name);
  return { terminal: processTerminal(env), env, stdin: () => Deno.stdin.readable };
}

import type { Command } from "commander";
import type { StrayErrorHandler } from "./stray_errors.ts";
import { processTerminal, type Terminal } from "./output/terminal.ts";

/** What a command knows of the world around it; a test passes its own. */
export interface Context {
  readonly terminal: Terminal;
  /** One environment variable, or, where it is not set, what a settings file says in its place. */
  env(name: string): string | undefined;
  /** Settings file that is read when none is named. */
  readonly systemSettings?: string;
  /** Where a settings file says it, `FILE:LINE`, when the value of a variable is from there. */
  settingPlace?(name: string): string | undefined;
  /**
   * Reads the settings file again.
   *
   * @throws {SettingsError} when it cannot be read or meant; what it said before still holds then
   */
  rereadSettings?(): void;
  /** Standard input, for commands that take `-`. */
  stdin(): ReadableStream<Uint8Array>;
  /** Asks for errors that nobody caught, which end the program otherwise; absent where nobody watches the process. */
  onStrayError?(handler: StrayErrorHandler): Disposable;
}

/** Where an installed sensor has its settings. */
export const SYSTEM_SETTINGS_FILE = "/etc/decnet/ttp.toml";

/** Adds one command, or a group of them, to the program. */
export type Registrar = (program: Command, context: Context) => void;

/** The context of this process. */
export function processContext(): Context {
  const env = (name: string): string | undefined => Deno.env.get(name);
  return {
    terminal: processTerminal(env),
    env,
    stdin: () => Deno.stdin.readable,
    systemSettings: SYSTEM_SETTINGS_FILE,
  };
}

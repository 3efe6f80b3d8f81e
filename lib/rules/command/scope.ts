import type { WorkMeter } from "../compile/work_meter.ts";
import { COMMAND_LIMITS } from "./limits.ts";

/** Text that a command is known to produce. */
export interface Known {
  readonly text: string;
  /** Decoders that it has come through. */
  readonly decoded: number;
}

/**
 * Variables that every shell has, with values that are as good as any: cut up
 * (`${PATH:0:1}`) they are what hides a slash.
 */
const WELL_KNOWN: ReadonlyMap<string, string> = new Map([
  ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
  ["HOME", "/root"],
  ["PWD", "/root"],
  ["OLDPWD", "/root"],
  ["SHELL", "/bin/bash"],
  ["USER", "root"],
  ["LOGNAME", "root"],
  ["TERM", "xterm"],
  ["LS_COLORS", ""],
]);

/** What is known while one text is read, and what reading it has cost so far. */
export class Scope {
  /** Set when a word of the command at hand was hidden. */
  hidden = false;
  /** Set when a limit was reached. */
  truncated = false;
  // Made when they are first needed: most texts set no variable and write no file.
  #variables: Map<string, string> | undefined;
  #files: Map<string, Known> | undefined;
  readonly #work: WorkMeter;

  /** @param work counts what reading the text costs */
  constructor(work: WorkMeter) {
    this.#work = work;
  }

  /** Value that the text has given to a variable. */
  variable(name: string): string | undefined {
    return this.#variables?.get(name);
  }

  /** Value of a variable for the sake of cutting it up. */
  anyVariable(name: string): string | undefined {
    return this.#variables?.get(name) ?? WELL_KNOWN.get(name);
  }

  /** Remembers a variable, as far as it is worth it. */
  setVariable(name: string, value: string): void {
    remember(this.#variables ??= new Map(), name, value.slice(0, COMMAND_LIMITS.valueCharacters));
  }

  /** Forgets a variable whose value cannot be told any more. */
  forgetVariable(name: string): void {
    this.#variables?.delete(name);
  }

  /** Whether the text has written any file of which the content is known. */
  get hasFiles(): boolean {
    return this.#files !== undefined;
  }

  /** What the text has written to a file. */
  file(name: string): Known | undefined {
    return this.#files?.get(name);
  }

  /** Remembers what was written to a file, so that `base64 -d file` can be followed. */
  setFile(name: string, content: Known): void {
    if (content.text.length <= COMMAND_LIMITS.valueCharacters) {
      remember(this.#files ??= new Map(), name, content);
    }
  }

  /** Steps that are left for the text. */
  get stepsLeft(): number {
    return this.#work.readingLeft;
  }

  /** Takes steps for something that reading the text needs; false when they are used up. */
  take(steps: number): boolean {
    if (this.#work.takeReading(steps)) return true;
    this.truncated = true;
    return false;
  }
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size < COMMAND_LIMITS.names || map.has(name)) map.set(name, value);
}

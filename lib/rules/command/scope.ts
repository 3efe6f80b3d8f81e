import type { WorkMeter } from "../compile/work_meter.ts";
import { COMMAND_LIMITS } from "./limits.ts";

/** Text that a command is known to produce. */
export interface Known {
  readonly text: string;
  /** Decoders that it has come through. */
  readonly decoded: number;
}

/** Outputs one after the other, as far as they are known. */
export function joined(outputs: readonly (Known | undefined)[]): Known | undefined {
  const known = outputs.filter((output) => output !== undefined);
  if (known.length === 0) return undefined;
  return {
    text: known.map(({ text }) => text).join("\n"),
    decoded: Math.max(...known.map(({ decoded }) => decoded)),
  };
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

/** Characters that separate the fields of an unquoted expansion. */
const BLANKS = /[ \t\n]+/;

/** What is known while one text is read, and what reading it has cost so far. */
export class Scope {
  /** Set when a word of the command at hand was hidden. */
  hidden = false;
  /** Set when a limit was reached. */
  truncated = false;
  // Made when they are first needed: most texts set no variable and write no file.
  #variables: Map<string, string> | undefined;
  #files: Map<string, Known> | undefined;
  #arrays: Map<string, readonly string[]> | undefined;
  #aliases: Map<string, string> | undefined;
  #copies: Map<string, string> | undefined;
  /** What `$1`, `$2` and so on are, where that is known. */
  parameters: readonly string[] | undefined;
  /** Set when a word has asked for `$1`, `$@` or `$*`. */
  asksParameters = false;
  /** The variable of the loop at hand, while it is watched whether it names a program. */
  watched: { readonly name: string; namesProgram: boolean } | undefined;
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

  /** Elements of an array that the text has set. */
  array(name: string): readonly string[] | undefined {
    return this.#arrays?.get(name);
  }

  /** Remembers an array; of `[key]=value` each is a variable of its own. */
  setArray(name: string, elements: readonly string[]): void {
    const plain: string[] = [];
    for (const element of elements.slice(0, COMMAND_LIMITS.fieldsPerWord)) {
      const keyed = /^\[([^\]]{1,64})\]=/.exec(element);
      if (keyed === null) plain.push(element);
      else this.setVariable(`${name}[${keyed[1]}]`, element.slice(keyed[0].length));
    }
    remember(this.#arrays ??= new Map(), name, plain);
  }

  /** What the text has made a name stand for. */
  alias(name: string): string | undefined {
    return this.#aliases?.get(name);
  }

  /** Remembers an alias. */
  setAlias(name: string, text: string): void {
    remember(this.#aliases ??= new Map(), name, text.slice(0, COMMAND_LIMITS.valueCharacters));
  }

  /** The program of the system that a file is a copy of. */
  copyOf(path: string): string | undefined {
    return this.#copies?.get(baseName(path));
  }

  /** Remembers that a file is a copy of a program. */
  setCopy(path: string, program: string): void {
    remember(this.#copies ??= new Map(), baseName(path), program);
  }

  /** Forgets copies that are written over. */
  dropCopies(paths: readonly string[]): void {
    if (this.#copies === undefined) return;
    for (const path of paths) this.#copies.delete(baseName(path));
  }

  /** Splits a value into fields as the shell does, by `IFS` where the text has set it. */
  split(value: string): readonly string[] {
    const separators = this.variable("IFS");
    if (separators === undefined) return value.split(BLANKS);
    if (separators === "" || separators.length > 8) return [value];
    const escaped = separators.replace(/[\\\]^-]/g, "\\$&");
    return value.split(new RegExp(`[${escaped}]`));
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

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function remember<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size < COMMAND_LIMITS.names || map.has(name)) map.set(name, value);
}

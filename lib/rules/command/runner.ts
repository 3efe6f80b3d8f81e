import { bodies, type Body, shellScript } from "./effects/bodies.ts";
import { applyBuiltin } from "./effects/builtins.ts";
import { type Draft, feed, link, type Range } from "./draft.ts";
import { embedded, scriptsRead } from "./effects/embedded.ts";
import { COMMAND_LIMITS } from "./limits.ts";
import { knownOutput } from "./effects/outputs.ts";
import { programName, routerOsWords } from "./programs.ts";
import { DATA, DECLARATION, INTERPRETER, rolesOf, SCHEDULER, SHELL } from "./roles.ts";
import type { Known, Scope } from "./scope.ts";
import { programMeant, standInFor } from "./effects/stand_ins.ts";
import { ASSIGNMENT, takesScript, unwrap } from "./effects/wrappers.ts";
import { leaveEmpty, runsEmptyFile, withoutSchedule, writtenScript } from "./effects/written.ts";

/** What surrounds a simple command. */
export interface Surroundings extends Range {
  /** Range in the text. */
  readonly start: number;
  readonly end: number;
  /** What it reads, if known. */
  readonly input: Known | undefined;
  readonly assigns: readonly string[];
  readonly writes: string[];
  readonly reads: string[];
  /** Programs that run it, besides those among its own words. */
  readonly wrappers: readonly string[];
  /** How many of the substitutions among its words were `<(…)`. */
  readonly files: number;
  /** One of the substitutions decoded something. */
  readonly decoded: boolean;
  /** A substitution names the program. */
  readonly namedByOutput: boolean;
}

const NONE: readonly string[] = [];

/** Steps that one command costs, and one more for each of its words. */
const COMMAND_STEPS = 12;

/** Takes down simple commands and follows what they run, write and print. */
export class CommandRunner {
  readonly scope: Scope;
  readonly commands: Draft[] = [];
  /** Texts that are decoded and run. */
  readonly decoded: string[] = [];
  #depth = 0;
  readonly #readScript: (text: string, around: Range) => void;
  readonly #callFunction: (name: string, argv: readonly string[]) => void;
  /** Names that are being replaced by what they stand for. */
  #replacing = 0;

  /**
   * @param readScript reads a script that one of the commands runs
   * @param callFunction reads the body of a function of the text, if it is one
   */
  constructor(
    scope: Scope,
    readScript: (text: string, around: Range) => void,
    callFunction: (name: string, argv: readonly string[]) => void,
  ) {
    this.scope = scope;
    this.#readScript = readScript;
    this.#callFunction = callFunction;
  }

  /** Tells that no more commands are taken down. */
  get full(): boolean {
    if (this.commands.length < COMMAND_LIMITS.commands) return false;
    this.scope.truncated = true;
    return true;
  }

  /**
   * Takes down one command and everything that it runs.
   *
   * @param words its fields after expansion; none when it only sets variables or writes
   * @param around what surrounds it; `from` and `to` are the commands of its substitutions
   * @returns what goes on through a pipe, if known
   */
  run(words: readonly string[], around: Surroundings): Known | undefined {
    if (this.full || !this.scope.take(COMMAND_STEPS + words.length)) return undefined;
    const standIn = this.#replacing < COMMAND_LIMITS.wordDepth
      ? standInFor(words, around.input, this.scope)
      : undefined;
    if (standIn !== undefined) {
      const { words: other, wrappers, input } = standIn;
      this.#replacing += 1;
      const all = [...around.wrappers, ...wrappers];
      const output = this.run(other, { ...around, input, wrappers: all });
      this.#replacing -= 1;
      return output;
    }
    const unwrapped = unwrap(words);
    const path = unwrapped.words[0] ?? "";
    const menu = routerOsWords(path);
    const argv = menu === undefined
      ? unwrapped.words.slice(1)
      : [...menu.slice(1), ...unwrapped.words.slice(1)];
    const program = menu === undefined
      ? programMeant(path, this.scope) ?? unwrapped.program
      : programName(menu[0] ?? path);
    const { assigns, writes, reads } = around;
    const roles = rolesOf(program);
    const draft: Draft = {
      program,
      roles,
      path,
      argv,
      args: argv.join(" "),
      wrappers: around.wrappers.length === 0
        ? unwrapped.wrappers
        : [...around.wrappers, ...unwrapped.wrappers],
      assigns: this.#assigns(
        roles,
        argv,
        unwrapped.assigns.length === 0 ? assigns : [...assigns, ...unwrapped.assigns],
      ),
      writes,
      reads,
      pipedInto: [],
      pipedFrom: [],
      runsEmpty: runsEmptyFile(program, path, argv, this.scope),
      ownFile: this.scope.hasFiles && argv.some((word) => this.scope.file(word) !== undefined),
      runsFetched: false,
      obfuscated: this.scope.hidden,
      start: around.start,
      end: around.end,
    };
    this.commands.push(draft);
    if (writes.length > 0) {
      this.scope.dropCopies(writes);
      if (path === "") leaveEmpty(writes, this.scope);
    }
    this.#feedSubstitutions(draft, around);
    const output = this.#output(draft, around.input);
    applyBuiltin(program, argv, around.input, this.scope);
    this.#callFunction(program, argv);
    this.#runInput(draft, around.input);
    this.#runBodies(draft);
    if (output !== undefined && writes.length > 0) this.#write(output, draft);
    return around.writes.length > 0 && program !== "tee" ? undefined : output;
  }

  #assigns(
    roles: number,
    argv: readonly string[],
    before: readonly string[],
  ): readonly string[] {
    if ((roles & DECLARATION) === 0) return before.length === 0 ? NONE : before;
    const declared = argv.filter((word) => ASSIGNMENT.test(word));
    for (const text of declared) this.remember(text);
    return [...before, ...declared];
  }

  /** Remembers `NAME=value`. */
  remember(assignment: string): void {
    const equals = assignment.indexOf("=");
    const value = assignment.slice(equals + 1);
    const name = assignment.slice(0, equals).replace(/\+$/, "");
    const before = assignment[equals - 1] === "+" ? this.scope.variable(name) ?? "" : "";
    if (/[$`]/.test(value)) this.scope.forgetVariable(name);
    else this.scope.setVariable(name, before + value);
  }

  /** What `$(…)` prints is run when a shell gets it as its script, and `<(…)` is read. */
  #feedSubstitutions(
    draft: Draft,
    { from, to, files, decoded, namedByOutput }: Surroundings,
  ): void {
    if (to === from) return;
    const { program, argv, roles } = draft;
    const isShell = (roles & SHELL) !== 0;
    const isInterpreter = (roles & INTERPRETER) !== 0;
    const runs = namedByOutput || program === "eval" || isShell ||
      program === "source" || program === "." ||
      isInterpreter && argv.some((word) => /^-[ecr]$/.test(word));
    const script = isShell ? shellScript(argv) : undefined;
    if (runs && (files > 0 || decoded || !isShell || /^[$`]/.test(script ?? ""))) {
      feed(this.commands, { from, to }, isInterpreter ? program : "sh", draft);
    }
    if (files > 0) feed(this.commands, { from, to }, program, draft);
  }

  #output(draft: Draft, input: Known | undefined): Known | undefined {
    const { program, argv, writes, reads } = draft;
    if (program === "tee") {
      writes.push(...argv.filter((word) => !word.startsWith("-")));
      return input;
    }
    if (program === "dd") {
      for (const word of argv) {
        if (word.startsWith("of=")) writes.push(word.slice(3));
        else if (word.startsWith("if=")) reads.push(word.slice(3));
      }
    }
    return knownOutput(program, argv, input, this.scope);
  }

  /** A shell or a scheduler without a file to run runs what it reads. */
  #runInput(draft: Draft, input: Known | undefined): void {
    const { program, argv, roles } = draft;
    if ((roles & SHELL) !== 0) {
      if (shellScript(argv) !== undefined) return;
      const operand = argv.find((word) => !word.startsWith("-"));
      const fromInput = operand === undefined || argv.some((word) => /^-[a-z]*s/.test(word));
      const script = fromInput || operand === "/dev/stdin" ? input : this.#written(operand);
      if (script !== undefined) this.#runKnown(script, draft);
    } else if (program === "." || program === "source") {
      const script = argv[0] === "/dev/stdin" ? input : this.#written(argv[0] ?? "");
      if (script !== undefined) this.#runKnown(script, draft);
    } else if (input === undefined) {
      return;
    } else if ((roles & SCHEDULER) !== 0) {
      this.#runKnown({ ...input, text: withoutSchedule(input.text) }, draft);
    } else if ((roles & DATA) === 0) {
      for (const text of scriptsRead(program, argv, input.text)) {
        this.#runKnown({ ...input, text }, draft);
      }
    }
  }

  /** Plain text in a file has been read when it was written, unless the file is an output, `<(…)`. */
  #written(file: string): Known | undefined {
    const known = this.scope.file(file);
    return known !== undefined && (known.decoded > 0 || file.startsWith("<(")) ? known : undefined;
  }

  #runKnown(script: Known, { start, end }: Draft): void {
    if (script.decoded === 0) this.#readScript(script.text, { from: start, to: end });
    else if (!this.decoded.includes(script.text)) this.decoded.push(script.text);
  }

  #runBodies(draft: Draft): void {
    if (this.#depth >= COMMAND_LIMITS.wordDepth) {
      this.scope.truncated = true;
      return;
    }
    this.#depth += 1;
    this.#followBodies(draft);
    this.#depth -= 1;
  }

  #followBodies(draft: Draft): void {
    const { argv, path, wrappers } = draft;
    // `watch 'id; w'` and its like hand one word to a shell.
    if (argv.length === 0 && /\s/.test(path) && takesScript(wrappers.at(-1))) {
      return this.#follow({ script: path }, draft);
    }
    const own = bodies(draft);
    if (own.length > 0) {
      for (const body of own) this.#follow(body, draft);
      return;
    }
    if (!this.scope.take(draft.args.length >> 3)) return;
    for (const body of embedded(draft)) {
      const from = this.commands.length;
      this.#follow(body, draft);
      if (!("script" in body)) continue;
      for (const command of this.commands.slice(from)) {
        command.wrappers = [draft.program, ...command.wrappers];
      }
    }
  }

  #follow(body: Body, draft: Draft): void {
    const around = { from: draft.start, to: draft.end };
    if ("script" in body) {
      // A script that is all substitution has been read with the words of its command.
      if (!/^(?:\$\(|`)/.test(body.script)) this.#readScript(body.script, around);
      return;
    }
    const from = this.commands.length;
    this.run(body.words, {
      ...around,
      start: draft.start,
      end: draft.end,
      from,
      to: from,
      input: undefined,
      assigns: NONE,
      writes: [],
      reads: [],
      wrappers: [draft.program],
      files: 0,
      decoded: false,
      namedByOutput: false,
    });
    const first = this.commands[from];
    if (draft.program === "find" && first !== undefined) link(draft, first);
  }

  #write(output: Known, draft: Draft): void {
    const { writes, start, end } = draft;
    for (const target of writes) {
      this.scope.setFile(target, output);
      const script = output.decoded > 0 ? undefined : writtenScript(output.text, target);
      if (script !== undefined) this.#readScript(script, { from: start, to: end });
    }
  }
}

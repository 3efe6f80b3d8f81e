import type { CommandCondition } from "../command_condition.ts";
import type {
  CommandMatcher,
  CommandSpan,
  CommandTest,
  PatternSource,
  TextPattern,
} from "../conditions.ts";
import { requireAll, type Requirement, wordLiteral } from "../requirement.ts";
import { analyseCommand } from "./analysis.ts";
import { FETCHERS } from "./fetched.ts";
import { canonicalProgram, programLiterals } from "./programs.ts";
import type { CommandAnalysis, SimpleCommand } from "./simple_command.ts";

/** Readings kept: bots type the same lines again and again. */
const KEPT_READINGS = 512;

/** Longest text whose reading is kept, so that memory stays below a few MiB. */
const KEPT_CHARACTERS = 1_024;

/**
 * What a text has that decodes something: the name of a decoder, numeric escapes,
 * or characters that could hide such a name. Without it, the text need not be read.
 */
const MAY_DECODE = /b(?:ase)?(?:64|32|nc)|openssl|xxd|\brev\b|\btr\b|["'\\$`{%]/;

const NOTHING: readonly string[] = [];

/** Tells whether one simple command satisfies one part of a condition. */
type Part = (command: SimpleCommand) => boolean;

/** A text as read, with the conditions that its programs leave open. */
interface Reading extends CommandAnalysis {
  /** By number of a condition: 1 when one of the programs that it names occurs. */
  readonly open: Uint8Array;
}

/** Answers `command` conditions by reading texts as a shell would. */
export class ShellCommandMatcher implements CommandMatcher<Reading> {
  readonly #readings = new Map<string, Reading>();
  /** By program: numbers of the conditions that name it. */
  readonly #byProgram = new Map<string, number[]>();
  #conditions = 0;

  /** Compiles one condition; see {@linkcode CommandMatcher}. */
  compile(condition: CommandCondition, patterns: PatternSource): CommandTest<Reading> {
    const program = names(condition.program);
    const parts = compileParts(condition, patterns);
    const number = this.#register(program);
    // What was read before does not know of this condition.
    this.#readings.clear();
    return {
      requires: requirement(condition, patterns),
      find({ open, commands }): CommandSpan | undefined {
        if (program !== undefined && open[number] === 0) return undefined;
        for (const command of commands) {
          if (program !== undefined && !program.has(command.program)) continue;
          if (holds(command, parts)) return span(command);
        }
        return undefined;
      },
    };
  }

  #register(programs: ReadonlySet<string> | undefined): number {
    const number = this.#conditions++;
    for (const program of programs ?? []) {
      const numbers = this.#byProgram.get(program);
      if (numbers === undefined) this.#byProgram.set(program, [number]);
      else numbers.push(number);
    }
    return number;
  }

  /** Reads a text, or remembers having done so. */
  read(text: string): Reading {
    const known = this.#readings.get(text);
    if (known !== undefined) return known;
    const reading = { ...analyseCommand(text), open: new Uint8Array(this.#conditions) };
    for (const program of reading.programs) {
      for (const number of this.#byProgram.get(program) ?? []) reading.open[number] = 1;
    }
    if (text.length <= KEPT_CHARACTERS) {
      // Dropping all at once is as good as dropping the oldest, and costs nothing a text.
      if (this.#readings.size >= KEPT_READINGS) this.#readings.clear();
      this.#readings.set(text, reading);
    }
    return reading;
  }

  /** Words as the shell would see them; see {@linkcode CommandMatcher}. */
  resolved(reading: Reading): string | undefined {
    return reading.resolved;
  }

  /** Texts that a text decodes and runs, at most two levels deep. */
  decode(text: string): readonly string[] {
    return MAY_DECODE.test(text) ? this.read(text).decoded : NOTHING;
  }
}

function span({ start, end, obfuscated }: SimpleCommand): CommandSpan {
  return obfuscated ? { start, end, normalised: true } : { start, end };
}

function holds(command: SimpleCommand, parts: readonly Part[]): boolean {
  for (const part of parts) if (!part(command)) return false;
  return true;
}

function compileParts(condition: CommandCondition, patterns: PatternSource): readonly Part[] {
  const parts: Part[] = [];
  const { runs_fetched: fetched, obfuscated } = condition;
  if (fetched !== undefined) parts.push((command) => command.runsFetched === fetched);
  if (obfuscated !== undefined) parts.push((command) => command.obfuscated === obfuscated);
  const into = names(condition.piped_into);
  if (into !== undefined) parts.push((command) => someIn(command.pipedInto, into));
  const from = names(condition.piped_from);
  if (from !== undefined) parts.push((command) => someIn(command.pipedFrom, from));
  const wrapped = names(condition.wrapped_by);
  if (wrapped !== undefined) parts.push((command) => someIn(command.wrappers, wrapped));
  const unwrapped = names(condition.not_wrapped_by);
  if (unwrapped !== undefined) parts.push((command) => !someIn(command.wrappers, unwrapped));
  const path = pattern(condition.path, patterns);
  if (path !== undefined) parts.push((command) => path.test(command.path));
  const writes = pattern(condition.writes, patterns);
  if (writes !== undefined) parts.push((command) => someMatch(command.writes, writes));
  const reads = pattern(condition.reads, patterns);
  if (reads !== undefined) parts.push((command) => someMatch(command.reads, reads));
  const assigns = pattern(condition.assigns, patterns);
  if (assigns !== undefined) parts.push((command) => someMatch(command.assigns, assigns));
  const args = pattern(condition.args, patterns);
  if (args !== undefined) parts.push((command) => args.test(command.args));
  const notArgs = pattern(condition.not_args, patterns);
  if (notArgs !== undefined) parts.push((command) => !notArgs.test(command.args));
  return parts;
}

function names(list: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return list === undefined ? undefined : new Set(list.map(canonicalProgram));
}

function pattern(text: string | undefined, patterns: PatternSource): TextPattern | undefined {
  return text === undefined ? undefined : patterns(text);
}

function someIn(programs: readonly string[], wanted: ReadonlySet<string>): boolean {
  for (const program of programs) if (wanted.has(program)) return true;
  return false;
}

function someMatch(texts: readonly string[], wanted: TextPattern): boolean {
  for (const text of texts) if (wanted.test(text)) return true;
  return false;
}

/** What must occur for a condition to hold: a program's name, and what its patterns need. */
function requirement(condition: CommandCondition, patterns: PatternSource): Requirement {
  const groups: Requirement[] = [];
  const { program, piped_into: into, piped_from: from, runs_fetched: fetched } = condition;
  for (const programs of [program, from, fetched === true ? [...FETCHERS] : undefined]) {
    if (programs !== undefined) groups.push([literalsOf(programs)]);
  }
  if (into !== undefined) groups.push([[...literalsOf(into), ...SUBSTITUTIONS]]);
  for (
    const text of [
      condition.path,
      condition.args,
      condition.writes,
      condition.reads,
      condition.assigns,
    ]
  ) {
    if (text !== undefined) groups.push(withoutBlanks(patterns(text).requires));
  }
  if (condition.writes !== undefined) groups.push([[">", wordLiteral("tee"), wordLiteral("dd")]]);
  if (condition.reads !== undefined) groups.push([["<"]]);
  if (condition.assigns !== undefined) groups.push([["="]]);
  return requireAll(groups);
}

/** What hands output to a shell that is not named. */
const SUBSTITUTIONS = [wordLiteral("eval"), "`", "$("];

function literalsOf(programs: readonly string[]): readonly string[] {
  return programs.flatMap((name) => programLiterals(canonicalProgram(name)));
}

/** Arguments are joined by single blanks; the text may have more of them, or a redirection between. */
function withoutBlanks(requirement: Requirement): Requirement {
  return requirement.map((literals) => literals.map(longestWord))
    .filter((literals) => literals.every((literal) => literal !== ""));
}

function longestWord(literal: string): string {
  let longest = "";
  for (const word of literal.split(/\s+/)) if (word.length > longest.length) longest = word;
  return longest;
}

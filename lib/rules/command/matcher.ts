import type { CommandCondition } from "../command_condition.ts";
import type { CommandMatcher, CommandSpan, CommandTest, PatternSource } from "../conditions.ts";
import { requireAll, type Requirement, wordLiteral } from "../requirement.ts";
import { analyseCommand } from "./analysis.ts";
import { FETCHERS } from "./fetched.ts";
import { compileParts, programNames, satisfies } from "./parts.ts";
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
    const program = programNames(condition.program);
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
          if (satisfies(command, parts)) return span(command);
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
  if (condition.reads !== undefined) groups.push([["<", wordLiteral("dd")]]);
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

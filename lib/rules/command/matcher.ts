import { WorkMeter } from "../compile/work_meter.ts";
import type { CommandCondition } from "../format/command_condition.ts";
import type {
  CommandMatcher,
  CommandSpan,
  CommandTest,
  PatternSource,
} from "../compile/conditions.ts";
import { requireAll, type Requirement, wordLiteral } from "../compile/requirement.ts";
import { analyseCommand } from "./analysis.ts";
import { compileParts, programNames, satisfies } from "./parts.ts";
import { canonicalProgram, programLiterals } from "./programs.ts";
import { FETCHERS } from "./roles.ts";
import type { CommandAnalysis, SimpleCommand } from "./simple_command.ts";

/**
 * What a text has that decodes something: the name of a decoder, numeric escapes,
 * or characters that could hide such a name. Without it, the text need not be read.
 */
const MAY_DECODE = /b(?:ase)?(?:64|32|nc)|openssl|xxd|\brev\b|\btr\b|["'\\$`{%]/;

const NOTHING: readonly string[] = [];

/** A text as read, with those of its programs that conditions name. */
interface Reading extends CommandAnalysis {
  /** By command: number of its program, or 0 when no condition names it. */
  readonly programs: readonly number[];
  /** Finds commands by what conditions ask for, where there are many. */
  readonly many: CommandIndex | undefined;
  /** Event in which it was read: in another one, more or less of it may be affordable. */
  readonly event: number;
}

/** Answers `command` conditions by reading texts as a shell would. */
export class ShellCommandMatcher implements CommandMatcher<Reading> {
  /** The text read last: a command is asked about several times in a row. */
  #last: { readonly text: string; readonly reading: Reading } | undefined;
  /** Numbers of the programs that conditions name, from 1. */
  readonly #numbers = new Map<string, number>();
  readonly #work: WorkMeter;
  readonly #each: boolean;

  /** @param work counts what reading and searching costs, and bounds it; without one, each text has its own bound */
  constructor(work?: WorkMeter) {
    this.#work = work ?? new WorkMeter();
    this.#each = work === undefined;
  }

  /** Compiles one condition; see {@linkcode CommandMatcher}. */
  compile(condition: CommandCondition, patterns: PatternSource): CommandTest<Reading> {
    const program = programNames(condition.program);
    const parts = compileParts(condition, patterns, this.#work);
    const named = program === undefined ? undefined : this.#flags(program);
    const work = this.#work;
    const asked: Asked = {
      programs: program && [...program].map((name) => this.#numbers.get(name) ?? 0),
      part: PARTS_OF_FEW.find((part) => condition[part] !== undefined),
    };
    // What was read before does not know of this condition's programs.
    this.#last = undefined;
    return {
      requires: requirement(condition, patterns),
      minLength: Math.max(0, ...searched(condition).map((text) => patterns(text).minLength)),
      find({ programs, commands, many }): CommandSpan | undefined {
        if (many !== undefined) {
          const first = many.first(commands, asked, (command) => {
            work.add(1);
            return satisfies(command, parts);
          });
          return first === undefined ? undefined : span(first);
        }
        for (let index = 0; index < programs.length; index++) {
          if (named !== undefined && !isFlagged(programs[index]!, named)) continue;
          const command = commands[index]!;
          if (satisfies(command, parts)) return span(command);
        }
        return undefined;
      },
    };
  }

  /** By number of a program: 1 when it is one of these. */
  #flags(programs: ReadonlySet<string>): Uint8Array {
    const numbers = [...programs].map((program) => {
      const number = this.#numbers.get(program) ?? this.#numbers.size + 1;
      this.#numbers.set(program, number);
      return number;
    });
    const flags = new Uint8Array(Math.max(...numbers) + 1);
    for (const number of numbers) flags[number] = 1;
    return flags;
  }

  /** Reads a text, or remembers having just done so. */
  read(text: string): Reading {
    if (this.#last?.text === text && this.#last.reading.event === this.#work.events) {
      return this.#last.reading;
    }
    if (this.#each) this.#work.begin();
    const event = this.#work.events;
    const analysis = analyseCommand(text, this.#work, (program) => this.#numbers.has(program));
    const { commands, decoded, resolved, truncated } = analysis;
    const programs = commands.map(({ program }) => this.#numbers.get(program) ?? 0);
    const many = commands.length > FEW_COMMANDS ? new CommandIndex(commands, programs) : undefined;
    const reading: Reading = { commands, decoded, resolved, truncated, programs, event, many };
    this.#last = { text, reading };
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

/** More commands than these are not asked one after the other. */
const FEW_COMMANDS = 16;

/** Parts that few commands have, and that a condition can ask for without a program. */
const PARTS_OF_FEW = ["writes", "reads", "assigns"] as const;

/** What a condition asks for that tells commands apart without a search. */
interface Asked {
  /** Numbers of programs. */
  readonly programs: readonly number[] | undefined;
  readonly part: typeof PARTS_OF_FEW[number] | undefined;
}

/** Commands of one text by their programs and by what few of them have. */
class CommandIndex {
  readonly #byProgram: ReadonlyMap<number, readonly number[]>;
  readonly #byPart: Readonly<Record<typeof PARTS_OF_FEW[number], readonly number[]>>;
  readonly #all: readonly number[];

  constructor(commands: readonly SimpleCommand[], programs: readonly number[]) {
    this.#all = programs.map((_, index) => index);
    this.#byProgram = Map.groupBy(this.#all, (index) => programs[index]!);
    const having = (part: typeof PARTS_OF_FEW[number]) =>
      this.#all.filter((index) => commands[index]![part].length > 0);
    this.#byPart = {
      writes: having("writes"),
      reads: having("reads"),
      assigns: having("assigns"),
    };
  }

  /** The first command that has what is asked for and satisfies the rest. */
  first(
    commands: readonly SimpleCommand[],
    { programs, part }: Asked,
    satisfied: (command: SimpleCommand) => boolean,
  ): SimpleCommand | undefined {
    const lists = programs === undefined
      ? [part === undefined ? this.#all : this.#byPart[part]]
      : programs.map((program) => this.#byProgram.get(program) ?? []);
    let first = commands.length;
    for (const list of lists) {
      for (const index of list) {
        if (index >= first) break;
        if (satisfied(commands[index]!)) first = index;
      }
    }
    return commands[first];
  }
}

/** Programs that were numbered later have no flag. */
function isFlagged(number: number, flags: Uint8Array): boolean {
  return number < flags.length && flags[number] === 1;
}

function span({ start, end, obfuscated }: SimpleCommand): CommandSpan {
  return obfuscated ? { start, end, normalised: true } : { start, end };
}

/** What must occur for a condition to hold: a program's name, and what its patterns need. */
function requirement(condition: CommandCondition, patterns: PatternSource): Requirement {
  const groups: Requirement[] = [];
  const { program, piped_into: into, piped_from: from, runs_fetched: fetched } = condition;
  const fetchers = fetched === true ? FETCHERS : undefined;
  for (const programs of [program, from, condition.wrapped_by, fetchers]) {
    if (programs !== undefined) groups.push([literalsOf(programs)]);
  }
  if (into !== undefined) groups.push([[...literalsOf(into), ...SUBSTITUTIONS]]);
  for (const text of searched(condition)) {
    groups.push(withoutBlanks(patterns(text).requires));
  }
  // One word has a blank in it only where a quote, an escape or a variable has put it.
  const inOneWord = [condition.path, condition.writes].filter((text) => text !== undefined);
  const hides = condition.obfuscated === true ||
    inOneWord.some((text) => patterns(text).requires.some((group) => group.every(hasBlank)));
  if (hides) groups.push([HIDING]);
  if (condition.writes !== undefined) groups.push([[">", wordLiteral("tee"), wordLiteral("dd")]]);
  if (condition.reads !== undefined) groups.push([["<", wordLiteral("dd")]]);
  if (condition.assigns !== undefined) groups.push([["="]]);
  return requireAll(groups);
}

/** Patterns that must be found in some word of a command. */
function searched({ path, args, writes, reads, assigns }: CommandCondition): readonly string[] {
  return [path, args, writes, reads, assigns].filter((text) => text !== undefined);
}

/** Characters that make a word more than what is typed. */
const HIDING = ['"', "'", "\\", "$", "`", "{"];

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

function hasBlank(literal: string): boolean {
  return /\s/.test(literal);
}

function longestWord(literal: string): string {
  let longest = "";
  for (const word of literal.split(/\s+/)) if (word.length > longest.length) longest = word;
  return longest;
}

import type { CommandCondition } from "../format/command_condition.ts";
import type { WorkMeter } from "../compile/work_meter.ts";
import type { PatternSource, TextPattern } from "../compile/conditions.ts";
import { foldText } from "../compile/requirement.ts";
import { canonicalProgram } from "./programs.ts";
import type { SimpleCommand } from "./simple_command.ts";

/** One part of a condition besides the program, compiled. */
export interface Part {
  /** Key of the condition. */
  readonly key: keyof CommandCondition;
  /** Tells whether one simple command satisfies it. */
  readonly holds: (command: SimpleCommand) => boolean;
}

/** Tells whether a command satisfies all parts. */
export function satisfies(command: SimpleCommand, parts: readonly Part[]): boolean {
  for (const part of parts) if (!part.holds(command)) return false;
  return true;
}

/** The names of a list under which programs are known; nothing without a list. */
export function programNames(
  list: readonly string[] | undefined,
): ReadonlySet<string> | undefined {
  return list === undefined ? undefined : new Set(list.map(canonicalProgram));
}

/**
 * Compiles the parts of a condition besides the program, the cheapest first.
 *
 * @param work counts the characters that patterns search
 */
export function compileParts(
  condition: CommandCondition,
  patterns: PatternSource,
  work: WorkMeter,
): readonly Part[] {
  const parts: Part[] = [];
  const add = (key: keyof CommandCondition, holds: Part["holds"]): void => {
    parts.push({ key, holds });
  };
  const { runs_fetched: fetched, runs_empty: empty, own_file: own, wrapped, obfuscated } =
    condition;
  if (wrapped !== undefined) add("wrapped", (command) => command.wrappers.length > 0 === wrapped);
  if (empty !== undefined) add("runs_empty", (command) => command.runsEmpty === empty);
  if (own !== undefined) add("own_file", (command) => command.ownFile === own);
  if (fetched !== undefined) add("runs_fetched", (command) => command.runsFetched === fetched);
  if (obfuscated !== undefined) add("obfuscated", (command) => command.obfuscated === obfuscated);
  const other = programNames(condition.not_program);
  if (other !== undefined) add("not_program", (command) => !other.has(command.program));
  const into = programNames(condition.piped_into);
  if (into !== undefined) add("piped_into", (command) => someIn(command.pipedInto, into));
  const from = programNames(condition.piped_from);
  if (from !== undefined) add("piped_from", (command) => someIn(command.pipedFrom, from));
  const by = programNames(condition.wrapped_by);
  if (by !== undefined) add("wrapped_by", (command) => someIn(command.wrappers, by));
  const unwrapped = programNames(condition.not_wrapped_by);
  if (unwrapped !== undefined) {
    add("not_wrapped_by", (command) => !someIn(command.wrappers, unwrapped));
  }
  const path = pattern(condition.path, patterns, work);
  if (path !== undefined) add("path", (command) => path.test(command.path));
  const writes = pattern(condition.writes, patterns, work);
  if (writes !== undefined) add("writes", (command) => someMatch(command.writes, writes));
  const reads = pattern(condition.reads, patterns, work);
  if (reads !== undefined) add("reads", (command) => someMatch(command.reads, reads));
  const assigns = pattern(condition.assigns, patterns, work);
  if (assigns !== undefined) add("assigns", (command) => someMatch(command.assigns, assigns));
  const args = pattern(condition.args, patterns, work);
  if (args !== undefined) add("args", (command) => args.test(command.args));
  const notArgs = pattern(condition.not_args, patterns, work, false);
  if (notArgs !== undefined) add("not_args", (command) => !notArgs.test(command.args));
  return parts;
}

/** Most literals that are looked for before a pattern is run: looking for more costs as much. */
const GUARD_LITERALS = 6;

/** The part of a pattern that conditions need. */
type Tester = Pick<TextPattern, "test">;

/** @param unsearched the answer for a text that there are no steps left to search */
function pattern(
  text: string | undefined,
  patterns: PatternSource,
  work: WorkMeter,
  unsearched = true,
): Tester | undefined {
  return text === undefined ? undefined : guarded(patterns(text), work, unsearched);
}

/** A pattern that is run only where its literals occur; most arguments have none of them. */
function guarded(compiled: TextPattern, work: WorkMeter, unsearched: boolean): Tester {
  const literals = compiled.requires.find(({ length }) => length <= GUARD_LITERALS);
  return {
    test(text) {
      if (literals !== undefined) {
        if (text.length > UNSEARCHED && !work.takeSearch(text.length / GUARD_SHARE)) {
          return unsearched;
        }
        if (!hasOne(folded.of(text), literals)) return false;
      }
      if (work.takeSearch(text.length)) return compiled.test(text);
      // Rather found where it is not than missed: in pieces that cost little, or by its literals.
      if (compiled.test(text.slice(0, UNSEARCHED))) return true;
      return unsearched && literals !== undefined && text.length > UNSEARCHED;
    },
  };
}

function hasOne(text: string, literals: readonly string[]): boolean {
  for (const literal of literals) if (text.includes(literal)) return true;
  return false;
}

/** Literals are looked for that many times faster than a pattern is. */
const GUARD_SHARE = 8;

/** Characters that are searched also when the steps for searching are used up. */
const UNSEARCHED = 256;

/** Keeps what was folded last: a command's arguments are searched for one pattern after the other. */
class FoldedText {
  #text = "";
  #folded = "";

  of(text: string): string {
    if (text !== this.#text) {
      this.#folded = foldText(text);
      this.#text = text;
    }
    return this.#folded;
  }
}

const folded = new FoldedText();

function someIn(programs: readonly string[], wanted: ReadonlySet<string>): boolean {
  for (const program of programs) if (wanted.has(program)) return true;
  return false;
}

function someMatch(texts: readonly string[], wanted: Tester): boolean {
  for (const text of texts) if (wanted.test(text)) return true;
  return false;
}

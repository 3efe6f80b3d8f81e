import { RE2JS, RE2JSException } from "re2js";
import { AutomatonSearch, NO_MATCH } from "./automaton_search.ts";
import type { Span, TextPattern } from "./conditions.ts";
import { derivedRequirement } from "./pattern_requirement.ts";
import { type Backtracking, findBacktracking, leadingFlags, leastLength } from "./pattern_scan.ts";
import { programSize } from "./program_size.ts";
import { NO_REQUIREMENT, type Requirement } from "./requirement.ts";

/** Longest pattern, in characters. */
export const MAX_PATTERN_CHARACTERS = 8 * 1024;

/**
 * Largest program that a pattern becomes, in instructions of RE2: time and memory grow
 * with it. The largest of the pack has 1,818; one of this size takes 80 ms to compile.
 */
export const MAX_PROGRAM_SIZE = 10_000;

/** Most text that a pattern with look-arounds or back-references runs on, in characters. */
export const BACKTRACKING_CHARACTERS = 4 * 1024;

/** Longest text, in characters, in which the leftmost match is found, wherever it begins. */
const WHOLE_CHARACTERS = 4 * 1024;

/** Characters of a longer text in which a match is found, before the place where one is known to end. */
const BEFORE_CHARACTERS = 512;

/** And behind it. */
const BEHIND_CHARACTERS = 256;

/** Why a pattern cannot be used. */
export interface PatternFault {
  readonly code: "backtracking" | "bad_pattern" | "pattern_too_long" | "pattern_too_large";
  readonly message: string;
  readonly remedy?: string;
  /** Characters into the pattern, when known. */
  readonly offset?: number;
}

/**
 * Tells what is wrong with a pattern; nothing when it is linear in the text.
 *
 * @param allowBacktracking whether look-arounds and back-references are accepted
 */
export function checkPattern(
  pattern: string,
  allowBacktracking: boolean = false,
): PatternFault | undefined {
  if (pattern.length > MAX_PATTERN_CHARACTERS) {
    return {
      code: "pattern_too_long",
      message: `the pattern has ${pattern.length} characters, at most ${MAX_PATTERN_CHARACTERS}`,
      remedy: "split it into several conditions under any",
    };
  }
  const construct = findBacktracking(pattern);
  if (construct !== undefined) {
    return allowBacktracking ? nativeFault(pattern) : backtrackingFault(construct);
  }
  const size = programSize(pattern);
  if (size > MAX_PROGRAM_SIZE) {
    return {
      code: "pattern_too_large",
      message: `the pattern becomes a program of some ${size} instructions, ` +
        `at most ${MAX_PROGRAM_SIZE}`,
      remedy: "use smaller counts, e.g. + in the place of {1,900}, or split it under any",
    };
  }
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return re2Fault(pattern, error);
  }
}

/** Whether a pattern needs the platform's backtracking engine. */
export function needsBacktracking(pattern: string): boolean {
  return findBacktracking(pattern) !== undefined;
}

/**
 * A pattern that `checkPattern()` has accepted.
 *
 * @param requires its literals when they are known already, as in the built pack
 */
export function textPattern(pattern: string, requires?: Requirement): TextPattern {
  // What has literals was proven to be linear when they were derived.
  if (requires === undefined && needsBacktracking(pattern)) return new BacktrackingPattern(pattern);
  return new LinearPattern(pattern, requires);
}

/** RE2: time is linear in the text. Compiled at first use, most patterns of a pack never are. */
class LinearPattern implements TextPattern {
  readonly requires: Requirement;
  readonly minLength: number;
  readonly #pattern: string;
  #compiled: Compiled | undefined;

  constructor(pattern: string, requires: Requirement = derivedRequirement(pattern)) {
    this.#pattern = pattern;
    this.requires = requires;
    this.minLength = leastLength(pattern);
  }

  test(text: string): boolean {
    return text.length >= this.minLength && this.#ready().search.test(text);
  }

  find(text: string): Span | undefined {
    if (text.length < this.minLength) return undefined;
    const { engine, search } = this.#ready();
    // The yes-or-no search runs on the fast automaton; positions need the slower one.
    if (text.length > WHOLE_CHARACTERS) {
      const at = search.reach(text);
      return at === NO_MATCH ? undefined : spanNear(engine, text, at);
    }
    if (!search.test(text)) return undefined;
    const matcher = engine.matcher(text);
    return matcher.find() ? { start: matcher.start(), end: matcher.end() } : undefined;
  }

  #ready(): Compiled {
    if (this.#compiled === undefined) {
      const engine = RE2JS.compile(this.#pattern);
      this.#compiled = { engine, search: new AutomatonSearch(engine) };
    }
    return this.#compiled;
  }
}

/**
 * A match in a long text, looked for around the place where one is known to end: it is
 * shown with a tag, in 256 characters, and the whole text would cost a thousand times as
 * much. Of a match that is longer than what is looked at, that part is given.
 */
function spanNear(engine: RE2JS, text: string, at: number): Span {
  const from = Math.max(0, at - BEFORE_CHARACTERS);
  const part = text.slice(from, at + BEHIND_CHARACTERS);
  const matcher = engine.matcher(part);
  // What stands at the beginning of the part is not at the beginning of the text.
  const found = from === 0 ? matcher.find() : matcher.find(1);
  return found
    ? { start: from + matcher.start(), end: from + matcher.end() }
    : { start: from, end: at };
}

/** A compiled pattern, and what searches short texts for it. */
interface Compiled {
  readonly engine: RE2JS;
  readonly search: AutomatonSearch;
}

/** The platform's engine, on a bounded text; only by the operator's explicit wish. */
class BacktrackingPattern implements TextPattern {
  readonly requires: Requirement = NO_REQUIREMENT;
  readonly minLength: number = 0;
  readonly #regexp: RegExp;

  constructor(pattern: string) {
    this.#regexp = nativeRegExp(pattern);
  }

  test(text: string): boolean {
    return this.find(text) !== undefined;
  }

  find(text: string): Span | undefined {
    const match = this.#regexp.exec(text.slice(0, BACKTRACKING_CHARACTERS));
    return match === null ? undefined : { start: match.index, end: match.index + match[0].length };
  }
}

/** @throws {SyntaxError} when the platform does not know a construct of the pattern */
function nativeRegExp(pattern: string): RegExp {
  const [flags, rest] = leadingFlags(pattern);
  return new RegExp(rest.replaceAll("(?P<", "(?<"), [...new Set(flags)].join(""));
}

function nativeFault(pattern: string): PatternFault | undefined {
  try {
    nativeRegExp(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { code: "bad_pattern", message: `the pattern is not valid: ${error.message}` };
  }
}

function backtrackingFault({ text, name, start }: Backtracking): PatternFault {
  return {
    code: "backtracking",
    message: `the pattern has a ${name} ${text}, which cannot be matched in linear time`,
    remedy: name === "back-reference"
      ? "spell the repetition out, or run with --allow-backtracking"
      : "say it with any, all and none, or run with --allow-backtracking",
    offset: start,
  };
}

function re2Fault(pattern: string, error: RE2JSException): PatternFault {
  const construct = /`([^]*)`$/.exec(error.message)?.[1];
  const offset = construct === undefined || construct === "" ? -1 : pattern.indexOf(construct);
  const message = error.message.replace(/^error parsing regexp: /, "");
  return {
    code: "bad_pattern",
    message: `the pattern is not valid RE2: ${message}`,
    ...(offset >= 0 && { offset }),
  };
}

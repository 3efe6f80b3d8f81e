import type { CommandCondition } from "../format/command_condition.ts";
import type { Requirement } from "./requirement.ts";

/** Part of a text, in UTF-16 units; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A pattern, compiled when it is first used. */
export interface TextPattern {
  /** Literals without which it cannot match; a search may be skipped when one is absent. */
  readonly requires: Requirement;
  /** Characters that every text has at least in which it matches, as far as that is known. */
  readonly minLength: number;
  /** Whether it matches anywhere; cheaper than `find()`. */
  test(text: string): boolean;
  /** The leftmost match. */
  find(text: string): Span | undefined;
}

/** Gives the compiled form of a pattern; equal patterns share one. */
export type PatternSource = (pattern: string) => TextPattern;

/** Where a command stands that satisfies a condition. */
export interface CommandSpan extends Span {
  /** It reads so only after quotes, escapes and variables have been resolved. */
  readonly normalised?: true;
}

/** One compiled `command` condition. `R` is what the command matcher makes of a text. */
export interface CommandTest<R = unknown> {
  /**
   * Literals one of each group of which must occur, in any case, in the text or
   * in its `resolved()` form for the condition to hold; `[]` when nothing can be said.
   */
  readonly requires: Requirement;
  /** Characters that the text, or its `resolved()` form, has at least when the condition holds. */
  readonly minLength: number;
  /** The part of the text that satisfies the condition. */
  find(reading: R): CommandSpan | undefined;
}

/**
 * Reads a shell text as its simple commands, and answers `command` conditions.
 * Total and bounded: a text that does not parse gives a reading without commands.
 */
export interface CommandMatcher<R = unknown> {
  /** Compiles one condition of an accepted rule. */
  compile(condition: CommandCondition, patterns: PatternSource): CommandTest<R>;
  /** Reads a text; called at most once for each text of an event, and only when a rule asks. */
  read(text: string): R;
  /**
   * The words of the text as the shell would see them, when that differs from
   * the text: literals that `requires` names stand here if not there.
   */
  resolved(reading: R): string | undefined;
  /** Texts that the text decodes and runs (`base64 -d | sh`); usually none. */
  decode(text: string): readonly string[];
}

/** One compiled condition of a rule, for one source kind. */
export type Condition =
  | { readonly type: "pattern"; readonly field: number; readonly pattern: TextPattern }
  | {
    readonly type: "literal";
    readonly field: number;
    readonly requires: Requirement;
    readonly find: (text: string) => Span | undefined;
  }
  | { readonly type: "command"; readonly field: number; readonly test: CommandTest };

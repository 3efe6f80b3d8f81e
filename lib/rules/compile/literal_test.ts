import type { Span } from "./conditions.ts";
import type { FieldCondition } from "../format/document.ts";
import { NO_REQUIREMENT, requireAny, requiredLiteral, type Requirement } from "./requirement.ts";

/** A compiled condition other than a pattern. */
export interface LiteralTest {
  readonly requires: Requirement;
  find(text: string): Span | undefined;
}

/** Compiles `equals`, `contains`, `starts_with`, `ends_with` or `in`. */
export function literalTest(condition: FieldCondition): LiteralTest {
  const fold = condition.ignore_case === true
    ? (text: string) => text.toLowerCase()
    : (text: string) => text;
  const { equals, contains, starts_with, ends_with } = condition;
  if (contains !== undefined) return containing(fold(contains), fold);
  if (starts_with !== undefined) return starting(fold(starts_with), fold);
  if (ends_with !== undefined) return ending(fold(ends_with), fold);
  const wanted = equals !== undefined ? [equals] : condition.in ?? [];
  return equalling(wanted.map(fold), fold);
}

type Fold = (text: string) => string;

function containing(wanted: string, fold: Fold): LiteralTest {
  return {
    requires: required(wanted),
    find: (text) => {
      const start = fold(text).indexOf(wanted);
      return start < 0 ? undefined : within(text, start, start + wanted.length);
    },
  };
}

function starting(wanted: string, fold: Fold): LiteralTest {
  return {
    requires: required(wanted),
    find: (text) => fold(text).startsWith(wanted) ? within(text, 0, wanted.length) : undefined,
  };
}

function ending(wanted: string, fold: Fold): LiteralTest {
  return {
    requires: required(wanted),
    find: (text) =>
      fold(text).endsWith(wanted)
        ? within(text, text.length - wanted.length, text.length)
        : undefined,
  };
}

function equalling(wanted: readonly string[], fold: Fold): LiteralTest {
  const set: ReadonlySet<string> = new Set(wanted);
  return {
    requires: requireAny(wanted.map(required)),
    find: (text) => set.has(fold(text)) ? { start: 0, end: text.length } : undefined,
  };
}

/** Lower case can be longer or shorter than the text; a span never leaves the text. */
function within(text: string, start: number, end: number): Span {
  return { start: Math.max(0, Math.min(start, text.length)), end: Math.min(end, text.length) };
}

function required(literal: string): Requirement {
  const part = requiredLiteral(literal);
  return part === undefined ? NO_REQUIREMENT : [[part]];
}

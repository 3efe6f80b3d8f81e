import type { Span } from "./conditions.ts";

/** Characters of either end of a long text that are always searched. */
const END_CHARACTERS = 4 * 1024;

/** Between the ends: no word, and no line, goes on from one to the other. */
const BETWEEN = "\n";

/** Longest text that is searched whole whatever else the event cost, in characters. */
export const ENDS_CHARACTERS: number = 2 * END_CHARACTERS + BETWEEN.length;

/** The beginning and the end of a text, on lines of their own; a short text as it is. */
export function textEnds(text: string): string {
  return text.length <= ENDS_CHARACTERS
    ? text
    : text.slice(0, END_CHARACTERS) + BETWEEN + text.slice(-END_CHARACTERS);
}

/** Where something that was found in the ends of a text stands in the text. */
export function spanOfEnds({ start, end }: Span, text: string): Span {
  const left = text.length - ENDS_CHARACTERS;
  const inText = (at: number) => at <= END_CHARACTERS ? at : at + left;
  return { start: inText(start), end: inText(end) };
}

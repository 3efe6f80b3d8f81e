import { escapeUnshowable, jsonEscape, showable } from "./unshowable.ts";

/**
 * Makes one harmless line of text that a stranger wrote: whatever could move the
 * cursor, change colours, reorder or hide text becomes an escape (`\x1b`, `\u202e`).
 *
 * @param text anything
 * @param max longest result in characters; what is longer ends in `…`
 */
export function printable(text: string, max: number = Infinity): string {
  return showable(text, max);
}

/**
 * One line of JSON that a terminal shows as it is. Readers get exactly the value
 * that was given: what could disturb a terminal is written as `\uXXXX`.
 */
export function jsonLine(value: unknown): string {
  return escapeUnshowable(JSON.stringify(value) ?? "null", jsonEscape);
}

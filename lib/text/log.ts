import { showable } from "./unshowable.ts";

/** Longest text of one value in a log line, in characters. */
export const MAX_LOG_TEXT = 512;

/** Entries of a list or an object that a log line shows. */
const MAX_LOG_ENTRIES = 32;

/** Lists and objects inside others that a log line shows. */
const MAX_LOG_DEPTH = 3;

/**
 * A value of a log line as text: cut, on one line, and without anything that moves a
 * cursor, hides or reorders text. Texts stand between quotes, so that one that reads
 * like a log line is not taken for one.
 */
export function logText(value: unknown): string {
  const bounded = logValue(value);
  if (typeof bounded === "string") return quoted(showable(bounded, MAX_LOG_TEXT));
  return showable(JSON.stringify(bounded) ?? String(bounded), MAX_LOG_TEXT);
}

/**
 * A value of a log line of JSON, with its texts and lists cut; what writes the line
 * escapes it (see `jsonLine`).
 */
export function logValue(value: unknown, depth: number = 0): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value === null || value === undefined) return value;
  if (value instanceof Error) return cut(value.message);
  if (typeof value !== "object" || depth === MAX_LOG_DEPTH) return cut(String(value));
  if (Array.isArray(value)) {
    return value.slice(0, MAX_LOG_ENTRIES).map((entry) => logValue(entry, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).slice(0, MAX_LOG_ENTRIES)
      .map(([key, entry]) => [cut(key), logValue(entry, depth + 1)]),
  );
}

function cut(text: string): string {
  if (text.length <= MAX_LOG_TEXT) return text;
  return `${text.slice(0, MAX_LOG_TEXT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** Between quotes that the text does not have, as far as there are any. */
function quoted(text: string): string {
  const quote = ['"', "'", "`"].find((mark) => !text.includes(mark));
  return quote === undefined ? `"${text.replaceAll('"', '\\"')}"` : `${quote}${text}${quote}`;
}

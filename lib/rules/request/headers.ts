import type { Payload } from "../format/document.ts";

/** A header: the name in lower case, as rules compare it, and its value as it was sent. */
export type Header = readonly [name: string, value: string];

/** Headers of a request as far as they are read. */
export interface Headers {
  readonly list: readonly Header[];
  /** There was more than is read. */
  readonly truncated: boolean;
}

/** Most headers that are read; servers refuse more. */
const MAX_HEADERS = 256;

/** Most characters of all names and values together. */
const MAX_CHARACTERS = 64 * 1024;

/**
 * Reads the headers of a request as producers write them: an object of names,
 * whose values may be lists, or a list of pairs, of objects with `name` and
 * `value`, or of lines. Whatever else there is counts as absent.
 */
export function readHeaders(value: unknown): Headers {
  const list: Header[] = [];
  let left = MAX_CHARACTERS;
  let truncated = false;
  for (const [name, text] of pairsOf(value)) {
    if (typeof name !== "string" || typeof text !== "string") continue;
    if (list.length === MAX_HEADERS || name.length + text.length > left) {
      truncated = true;
      if (list.length === MAX_HEADERS || name.length >= left) break;
    }
    list.push([name.toLowerCase(), text.slice(0, left - name.length)]);
    left -= name.length + text.length;
    if (left <= 0) break;
  }
  return { list, truncated };
}

function* pairsOf(value: unknown): Generator<readonly [name: unknown, text: unknown]> {
  if (Array.isArray(value)) {
    for (const entry of value) yield pairOf(entry);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  // Not `Object.entries()`: an object may have a million keys, of which a few are read.
  for (const name in value) {
    const text: unknown = (value as Payload)[name];
    if (!Array.isArray(text)) yield [name, text];
    else for (const one of text) yield [name, one];
  }
}

function pairOf(entry: unknown): readonly [name: unknown, text: unknown] {
  if (Array.isArray(entry)) return [entry[0], entry[1]];
  if (typeof entry === "string") {
    const colon = entry.indexOf(":");
    return colon < 0
      ? [undefined, undefined]
      : [entry.slice(0, colon), entry.slice(colon + 1).trim()];
  }
  if (typeof entry !== "object" || entry === null) return [undefined, undefined];
  const { name, value } = entry as Payload;
  return [name, value];
}

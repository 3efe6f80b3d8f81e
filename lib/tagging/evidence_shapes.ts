import { isObject } from "./payload.ts";

/**
 * Makes a value fit for evidence, or answers nothing when it has not the shape
 * that the key stands for.
 */
export type Shape = (value: unknown) => unknown;

/** Longest text that evidence quotes, in UTF-16 units; attackers choose these. */
const MAX_TEXT = 1024;

/** Most entries that evidence lists. */
const MAX_ENTRIES = 64;

/** Lists and objects inside each other beyond this are left out. */
const MAX_DEPTH = 3;

const SHA256_REGEXP = /^[0-9a-f]{64}$/i;

/** Names and catalogue entries: nothing that could be an address or a sentence. */
const LABEL_REGEXP = /^[\p{L}\p{N}][\p{L}\p{N} ._+/:'-]{0,63}$/u;

/** LDH labels with at least one dot, RFC 1035's 253 characters. */
const DOMAIN_REGEXP =
  /^(?=.{1,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Any JSON value, cut to a bounded size. */
export function bounded(value: unknown): unknown {
  return boundedAt(value, 0);
}

function boundedAt(value: unknown, depth: number): unknown {
  if (typeof value === "string") return cut(value, MAX_TEXT);
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "boolean") return value;
  if (depth >= MAX_DEPTH) return undefined;
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ENTRIES).map((entry) => boundedAt(entry, depth + 1))
      .filter((entry) => entry !== undefined);
  }
  if (!isObject(value)) return undefined;
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(value).slice(0, MAX_ENTRIES)) {
    const kept = boundedAt(value[key], depth + 1);
    if (kept !== undefined) entries.push([cut(key, MAX_TEXT), kept]);
  }
  return Object.fromEntries(entries);
}

/** The beginning of a text; a character that needs two UTF-16 units is never halved. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}

/** A number that is not negative. */
export function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** A SHA-256 in hex digits. */
export function sha256(value: unknown): string | undefined {
  return matching(value, SHA256_REGEXP)?.toLowerCase();
}

/** A short name out of a catalogue of ours. */
export function label(value: unknown): string | undefined {
  return matching(value, LABEL_REGEXP);
}

/** A domain name, never the address of a person in it. */
export function domain(value: unknown): string | undefined {
  return matching(value, DOMAIN_REGEXP)?.toLowerCase();
}

/** One of a closed list of words. */
export function oneOf(...words: readonly string[]): Shape {
  const known: ReadonlySet<unknown> = new Set(words);
  return (value) => known.has(value) ? value : undefined;
}

/** A list of values of one shape; entries of another are left out, an empty list is nothing. */
export function listOf(shape: Shape): Shape {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const kept: unknown[] = [];
    for (const entry of value) {
      const fit = shape(entry);
      if (fit !== undefined && !kept.includes(fit)) kept.push(fit);
      if (kept.length === MAX_ENTRIES) break;
    }
    return kept.length > 0 ? kept : undefined;
  };
}

function matching(value: unknown, regexp: RegExp): string | undefined {
  return typeof value === "string" && regexp.test(value) ? value : undefined;
}

import { RE2JS } from "re2js";
import type { LifterMatch } from "../rules/format/document.ts";
import { isObject } from "./payload.ts";

/** What a lifter reads out of a rule's `match`. */
export type ParameterType = "number" | "flag" | "texts" | "pairs" | "patterns";

/** The parameters of one predicate by name; those it cannot work without say so. */
export type ParameterList = Readonly<
  Record<string, { readonly type: ParameterType; readonly required?: true }>
>;

/** A parameter that is a number, else its default. */
export function numberParameter(match: LifterMatch, name: string, fallback: number): number {
  const value = match[name];
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

/** A parameter that is true or false, else its default. */
export function flagParameter(match: LifterMatch, name: string, fallback: boolean): boolean {
  const value = match[name];
  return typeof value === "boolean" ? value : fallback;
}

/**
 * A parameter that lists texts, either directly or under the names of what they
 * stand for: `[a, b]` or `{tool: [a, b]}`.
 *
 * @param fallback the list when the rule brings none
 */
export function textsParameter(
  match: LifterMatch,
  name: string,
  fallback: readonly string[] = [],
): readonly string[] {
  const value = match[name];
  if (Array.isArray(value)) return value.filter((entry) => typeof entry === "string");
  if (!isObject(value)) return fallback;
  return Object.values(value).flatMap((list) =>
    Array.isArray(list) ? list.filter((entry) => typeof entry === "string") : []
  );
}

/** The name under which a grouped list holds a text; nothing for a plain list. */
export function groupOf(match: LifterMatch, name: string, text: string): string | undefined {
  const value = match[name];
  if (!isObject(value)) return undefined;
  return Object.keys(value).find((group) => {
    const list = value[group];
    return Array.isArray(list) && list.includes(text);
  });
}

/** A parameter that lists pairs of texts, e.g. of a username and a password. */
export function pairsParameter(match: LifterMatch, name: string): readonly [string, string][] {
  const value = match[name];
  return Array.isArray(value) ? value.flatMap((entry) => pairOf(entry) ?? []) : [];
}

/** Written as `[root, toor]` or as `root:toor`; only the first colon divides. */
function pairOf(entry: unknown): [[string, string]] | undefined {
  if (typeof entry === "string") {
    const colon = entry.indexOf(":");
    return colon < 0 ? undefined : [[entry.slice(0, colon), entry.slice(colon + 1)]];
  }
  if (!Array.isArray(entry) || entry.length !== 2) return undefined;
  const [first, second] = entry;
  return typeof first === "string" && typeof second === "string" ? [[first, second]] : undefined;
}

/**
 * Remembers what was made out of a rule's parameters for as long as the rule
 * lives, so that it is made once and not for every event.
 */
export function perRule<T>(make: (match: LifterMatch) => T): (match: LifterMatch) => T {
  const made = new WeakMap<LifterMatch, T>();
  return (match) => {
    const known = made.get(match);
    if (known !== undefined) return known;
    const value = make(match);
    made.set(match, value);
    return value;
  };
}

/** Says, one sentence each, what of a rule's parameters its predicate cannot read. */
export function parameterFaults(match: LifterMatch, parameters: ParameterList): readonly string[] {
  const faults: string[] = [];
  for (const [name, { type, required }] of Object.entries(parameters)) {
    if (!Object.hasOwn(match, name)) {
      if (required) faults.push(`${match.kind} needs the parameter "${name}" (${EXPECTED[type]})`);
      continue;
    }
    const fault = faultOf(match, name, type);
    if (fault !== undefined) faults.push(`parameter "${name}" of ${match.kind} ${fault}`);
  }
  return faults;
}

const EXPECTED: Readonly<Record<ParameterType, string>> = {
  number: "a number",
  flag: "true or false",
  texts: "a list of texts, or lists of texts by name",
  pairs: 'a list of pairs, each "name:password" or [name, password]',
  patterns: "a list of RE2 patterns",
};

function faultOf(match: LifterMatch, name: string, type: ParameterType): string | undefined {
  const value = match[name];
  switch (type) {
    case "number":
      if (typeof value === "number" && Number.isFinite(value)) return undefined;
      break;
    case "flag":
      if (typeof value === "boolean") return undefined;
      break;
    case "texts": {
      const lists = isObject(value) ? Object.values(value) : [value];
      if (lists.length > 0 && lists.every(isListOfTexts)) return undefined;
      break;
    }
    case "pairs":
      if (Array.isArray(value) && value.every((entry) => pairOf(entry) !== undefined)) {
        return undefined;
      }
      break;
    case "patterns":
      if (isListOfTexts(value)) return patternFault(value);
      break;
  }
  return `must be ${EXPECTED[type]}`;
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}

function patternFault(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    try {
      RE2JS.compile(pattern);
    } catch (error) {
      return `holds ${JSON.stringify(pattern)}, which RE2 refuses: ${(error as Error).message}`;
    }
  }
  return undefined;
}

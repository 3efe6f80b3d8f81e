import type { Payload } from "./event.ts";

/**
 * Longest text that is taken for an id. A longer one is hostile or broken: it
 * would be copied to every tag of its event.
 */
const MAX_ID_LENGTH = 1024;

/** A field that is a non-empty text; anything else counts as absent. */
export function textField(payload: Payload, field: string): string | undefined {
  const value = payload[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * A field that is an id: a non-empty text of at most 1,024 characters, or an
 * integer, which producers in other languages send for row numbers.
 */
export function idField(payload: Payload, field: string): string | undefined {
  const value = payload[field];
  if (typeof value === "string") {
    return value !== "" && value.length <= MAX_ID_LENGTH ? value : undefined;
  }
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** A number as JSON writes it, of a length that a number has. */
const NUMBER_REGEXP = /^-?(?:0|[1-9]\d{0,17})(?:\.\d{1,18})?(?:[eE][+-]?\d{1,3})?$/;

/** A field that is a finite number; some producers write numbers as text. */
export function numberField(payload: Payload, field: string): number | undefined {
  const value = payload[field];
  const number = typeof value === "string" && NUMBER_REGEXP.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A field that is a list; an absent or ill-typed one is empty. */
export function listField(payload: Payload, field: string): readonly unknown[] {
  const value = payload[field];
  return Array.isArray(value) ? value : [];
}

/** The texts of a field that is a list; entries of other types are left out. */
export function textsField(payload: Payload, field: string): readonly string[] {
  return listField(payload, field).filter((entry): entry is string => typeof entry === "string");
}

/** Tells a JSON object from null, lists and scalars. */
export function isObject(value: unknown): value is Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Most of a text that is searched, in UTF-16 units: 64 Ki, as for rules with patterns. */
const MAX_SEARCHED = 65_536;

/** The part of a text field that is searched; an absent or ill-typed field is an empty text. */
export function searchedField(payload: Payload, field: string): string {
  return (textField(payload, field) ?? "").slice(0, MAX_SEARCHED);
}

import type { Payload } from "./document.ts";
import { requestReader } from "../request/request_reader.ts";
import type { SourceKind } from "../source_kind.ts";

/** Field that a condition without `field` looks at. */
const DEFAULT_FIELDS: Partial<Readonly<Record<SourceKind, string>>> = {
  command: "command_text",
  http_request: "raw_url",
  email: "subject",
  intel: "verdict",
  canary_fingerprint: "ua_signature",
  auth_attempt: "username",
  payload: "payload_text",
};

/** The field that conditions of a kind look at by default; some kinds have none. */
export function defaultField(kind: SourceKind): string | undefined {
  return DEFAULT_FIELDS[kind];
}

/** Reads one text out of a payload; absent when the field is missing or not a text. */
export type FieldReader = (payload: Payload) => string | undefined;

/** Most texts of one object or list that `name.*` joins; a hostile producer may send millions. */
const MAX_ENTRIES = 1024;

/**
 * Turns the `field` of a condition into its reader: `name`, `name.*` for all
 * texts inside an object or list, or `name.key` for one entry of an object by
 * its name in any case, as HTTP headers are compared. Some fields of requests are
 * decoded or put together from what the producer sent.
 */
export function fieldReader(field: string, kind: SourceKind): FieldReader {
  const derived = kind === "http_request" ? requestReader(field) : undefined;
  if (derived !== undefined) return derived;
  const dot = field.indexOf(".");
  if (dot < 0) return (payload) => asText(payload[field]);
  const outer = field.slice(0, dot);
  const inner = field.slice(dot + 1);
  if (inner === "*") return (payload) => joined(payload[outer]);
  const wanted = inner.toLowerCase();
  return (payload) => named(payload[outer], wanted);
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function joined(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const texts: string[] = [];
  let seen = 0;
  for (const key in value) {
    if (++seen > MAX_ENTRIES) break;
    const entry = (value as Payload)[key];
    if (typeof entry === "string") texts.push(entry);
  }
  return texts.length === 0 ? undefined : texts.join("\n");
}

function named(value: unknown, wanted: string): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  let seen = 0;
  for (const key in value) {
    if (++seen > MAX_ENTRIES) break;
    if (key.toLowerCase() === wanted) return asText((value as Payload)[key]);
  }
  return undefined;
}

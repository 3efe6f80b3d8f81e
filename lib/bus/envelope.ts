import { hasMoreValues } from "./json_values.ts";

/** What a message body says, in one shape for every producer. */
export interface Envelope {
  /** Version of the envelope; 1 where the producer does not say. */
  readonly v: number;
  readonly id?: string;
  readonly type?: string;
  /** Seconds since the epoch. */
  readonly ts?: number;
  readonly payload: Readonly<Record<string, unknown>>;
  /** The version is above the one known here; what is understood of it is used. */
  readonly futureVersion: boolean;
}

/** Why a body cannot be an event, now or later. */
export type PoisonReason = "too_large" | "too_many_values" | "not_json" | "not_an_object";

/** An envelope, or why there is none. */
export type DecodedEnvelope =
  | { readonly ok: true; readonly envelope: Envelope }
  | { readonly ok: false; readonly reason: PoisonReason };

/** Version of the envelope that is written, and the highest one that is known. */
const VERSION = 1;

/** A body of this size is refused: 8 MiB, what NATS advises as the highest `max_payload`. */
export const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Values of a body that is parsed, at most. No body of 1 MiB has more of use, and
 * they take some 80 MiB at most.
 */
const MAX_VALUES = 1_000_000;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Reads a message body. An object with an object as `payload` is an envelope;
 * any other object is itself the payload of a plain producer, who may say what
 * it is with a `type`. Fields of the wrong type count as absent. Bytes that are
 * not UTF-8 become U+FFFD instead of costing the whole event.
 *
 * @param data the body as it came
 * @param maxBytes a body of as many bytes is not looked at
 * @returns never throws, whatever the body holds
 */
export function decodeEnvelope(
  data: Uint8Array,
  maxBytes: number = MAX_BODY_BYTES,
): DecodedEnvelope {
  if (data.length >= maxBytes) return { ok: false, reason: "too_large" };
  if (data.length > MAX_VALUES && hasMoreValues(data, MAX_VALUES)) {
    return { ok: false, reason: "too_many_values" };
  }
  let body: unknown;
  try {
    body = JSON.parse(decoder.decode(data));
  } catch {
    // The parser's words would quote what an attacker wrote.
    return { ok: false, reason: "not_json" };
  }
  if (!isObject(body)) return { ok: false, reason: "not_an_object" };
  return { ok: true, envelope: envelopeOf(body) };
}

/** Reads an envelope out of a body that has been parsed already. */
export function envelopeOf(body: Readonly<Record<string, unknown>>): Envelope {
  const { v, id, type, ts, payload } = body;
  const said = typeof type === "string" ? { type } : {};
  if (!isObject(payload)) return { v: VERSION, ...said, payload: body, futureVersion: false };
  const version = typeof v === "number" ? v : VERSION;
  return {
    v: version,
    ...(typeof id === "string" && { id }),
    ...said,
    ...(typeof ts === "number" && { ts }),
    payload,
    futureVersion: version > VERSION,
  };
}

/** What goes into an envelope that is sent. */
export interface EnvelopeParts {
  /** Unique; goes into `Nats-Msg-Id` too, so that repeats can be told. */
  readonly id: string;
  /** Subject without the deployment's prefix. */
  readonly subject: string;
  readonly type: string;
  /** Seconds since the epoch. */
  readonly ts: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Writes a message body. */
export function encodeEnvelope(parts: EnvelopeParts): Uint8Array {
  return encoder.encode(envelopeText(parts));
}

/** Writes the text of a message body. */
export function envelopeText({ id, subject, type, ts, payload }: EnvelopeParts): string {
  return JSON.stringify({ v: VERSION, id, topic: subject, type, ts, payload });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

import { envelopeOf } from "../bus/envelope.ts";
import type { Payload } from "../tagging/event.ts";
import { isObject, textField } from "../tagging/payload.ts";

/** One bus event as it stands in a file. */
export interface EventLine {
  /** Subject that it was published on. */
  readonly subject: string;
  readonly type?: string;
  /** When it was published, in seconds since the epoch. */
  readonly ts?: number;
  readonly payload: Payload;
}

/** Why a line is no event. */
export type EventLineFault = "not_json" | "not_an_object" | "no_subject";

/**
 * Reads one line of a file of bus events: an envelope whose `topic` (or
 * `subject`) says where it was published. On the bus the subject is outside of
 * the body; in a file the body is all there is.
 */
export function readEventLine(
  text: string,
): { readonly event: EventLine; readonly body: Payload } | { readonly fault: EventLineFault } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { fault: "not_json" };
  }
  if (!isObject(body)) return { fault: "not_an_object" };
  const subject = textField(body, "topic") ?? textField(body, "subject");
  if (subject === undefined) return { fault: "no_subject" };
  const { type, ts, payload } = envelopeOf(body);
  const event = {
    subject,
    payload,
    ...(type !== undefined && { type }),
    ...(ts !== undefined && { ts }),
  };
  return { event, body };
}

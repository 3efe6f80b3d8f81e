import { CONFIRMED, type PublishOutcome, type RefusalReason } from "../publish_outcome.ts";

/** What the server answers to a message that was published into a stream. */
export interface RawAck {
  readonly data: Uint8Array;
  /** Status code of the header; nothing when there is none. */
  readonly code: number | undefined;
}

/** Status code with which the server answers when nobody, no stream either, takes a subject. */
const NO_RESPONDERS = 503;

/** JetStream's error code for a message above the `max_msg_size` of its stream. */
const MESSAGE_TOO_LARGE = 10054;

/** JetStream's error code for a stream that could not store a message, full or broken. */
const STORE_FAILED = 10077;

/** How the description begins when a stream with `discard: new` is at one of its limits. */
const AT_LIMIT_REGEXP = /^maximum (messages|bytes)/;

const decoder = new TextDecoder();

/**
 * Reads the acknowledgement of a message in a stream.
 *
 * @param subject of the message, without the deployment's prefix
 */
export function ackOutcome({ data, code }: RawAck, subject: string): PublishOutcome {
  if (code === NO_RESPONDERS) return unconfirmed(`no stream takes messages to ${subject}`);
  let ack: unknown;
  try {
    ack = JSON.parse(decoder.decode(data));
  } catch {
    return unconfirmed(`the acknowledgement of a message to ${subject} is not JSON`);
  }
  const { stream, seq, error } = fields(ack);
  if (error !== undefined) return errorOutcome(fields(error), subject);
  // A repetition that the stream dropped is acknowledged as well: the stream has the message.
  if (typeof stream === "string" && typeof seq === "number") return CONFIRMED;
  return unconfirmed(`the acknowledgement of a message to ${subject} names no stream`);
}

function errorOutcome(error: Readonly<Record<string, unknown>>, subject: string): PublishOutcome {
  const { code, err_code: errorCode } = error;
  const said = typeof error["description"] === "string" ? error["description"] : "no reason given";
  const refused = (reason: RefusalReason, message: string): PublishOutcome => ({
    status: "refused",
    reason,
    message,
  });
  if (errorCode === MESSAGE_TOO_LARGE) {
    return refused(
      "too_large",
      `a message to ${subject} is larger than its stream takes: raise the stream's max_msg_size`,
    );
  }
  if (errorCode === STORE_FAILED && AT_LIMIT_REGEXP.test(said)) {
    return refused(
      "stream_full",
      `the stream of ${subject} takes no more messages (${said}): raise its limits or let it discard old ones`,
    );
  }
  // The classes of HTTP: 4xx says that the message is wrong for its stream, 5xx that the server is unwell.
  if (typeof code === "number" && code >= 400 && code < 429) {
    return refused("rejected", `the stream of ${subject} rejects a message: ${said}`);
  }
  return unconfirmed(`the stream of ${subject} did not store a message: ${said}`);
}

function unconfirmed(message: string): PublishOutcome {
  return { status: "unconfirmed", message };
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

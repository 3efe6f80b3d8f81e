import { jetstreamManager } from "nats/jetstream";
import type { BusMessage } from "../bus.ts";
import type { NatsLink } from "../nats/link.ts";
import { withoutPrefix } from "../subjects.ts";

/** A message that the server will not deliver any more. */
export interface GivenUpMessage {
  /** Delivered too often without an acknowledgement, or given up by a worker or an operator. */
  readonly cause: "max_deliveries" | "terminated";
  readonly stream: string;
  /** Place in the stream. */
  readonly sequence: number;
  readonly deliveries: number;
  /** What the one who gave it up said; servers since 2.11 pass it on. */
  readonly reason?: string;
  /** Subject without prefix, and body; absent when the stream does not hold the message any more. */
  readonly message?: { readonly subject: string; readonly data: Uint8Array };
}

/** Subjects on which the server says that it gives up messages of one consumer. */
export function advisorySubjects(stream: string, consumer: string): readonly string[] {
  return ["MAX_DELIVERIES", "MSG_TERMINATED"]
    .map((event) => `$JS.EVENT.ADVISORY.CONSUMER.${event}.${stream}.${consumer}`);
}

/**
 * Reads an advisory of `io.nats.jetstream.advisory.v1` (`max_deliver`, `terminated`).
 *
 * @returns nothing for anything else
 */
export function parseAdvisory(data: Uint8Array): GivenUpMessage | undefined {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(data));
  } catch {
    return undefined;
  }
  if (typeof body !== "object" || body === null) return undefined;
  const { type, stream, stream_seq: sequence, deliveries, reason } = body as Record<
    string,
    unknown
  >;
  const cause = CAUSES.get(type);
  if (cause === undefined || typeof stream !== "string" || typeof sequence !== "number") {
    return undefined;
  }
  return {
    cause,
    stream,
    sequence,
    deliveries: typeof deliveries === "number" ? deliveries : 0,
    ...(typeof reason === "string" && reason !== "" && { reason }),
  };
}

const CAUSES: ReadonlyMap<unknown, GivenUpMessage["cause"]> = new Map([
  ["io.nats.jetstream.advisory.v1.max_deliver", "max_deliveries"],
  ["io.nats.jetstream.advisory.v1.terminated", "terminated"],
]);

/**
 * Fetches the message that an advisory is about.
 *
 * @param domain JetStream domain, if any
 * @throws {Error} when the server cannot be asked now
 */
export async function withMessage(
  givenUp: GivenUpMessage,
  link: NatsLink,
  prefix: string,
  domain: string | undefined,
): Promise<GivenUpMessage> {
  const manager = await jetstreamManager(link.connection, {
    checkAPI: false,
    ...(domain !== undefined && { domain }),
  });
  const stored = await manager.streams.getMessage(givenUp.stream, { seq: givenUp.sequence });
  if (stored === null) return givenUp;
  const message = { subject: withoutPrefix(prefix, stored.subject), data: stored.data };
  return { ...givenUp, message };
}

/**
 * Hands over what the server gave up on, one by one; an advisory stays until it was taken.
 *
 * @param retryMs pause before one that could not be handed over comes again
 */
export async function handOver(
  advisories: AsyncIterable<BusMessage>,
  complete: (givenUp: GivenUpMessage) => Promise<GivenUpMessage>,
  take: (givenUp: GivenUpMessage) => void | Promise<void>,
  retryMs: number,
): Promise<void> {
  for await (const advisory of advisories) {
    const givenUp = parseAdvisory(advisory.data);
    try {
      if (givenUp !== undefined) await take(await complete(givenUp));
      advisory.ack();
    } catch {
      // The one who takes it, or the server, cannot now; both report their troubles themselves.
      advisory.nak(retryMs);
    }
  }
}

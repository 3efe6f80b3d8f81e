import type { Delivery } from "../bus.ts";

/** What the server says of one delivery of a message out of a stream. */
export interface StreamDelivery extends Delivery {
  /** Place of the message in its stream. */
  readonly sequence: number;
}

/**
 * Reads the subject of an acknowledgement:
 * `$JS.ACK.[DOMAIN.ACCOUNT.]STREAM.CONSUMER.DELIVERIES.SEQUENCE.CONSUMER_SEQUENCE.TIME.PENDING[.…]`,
 * with or without the part in brackets.
 */
export function streamDelivery(reply: string): StreamDelivery {
  const tokens = reply.split(".");
  const [stream, , count, sequence, , time] = tokens.slice(tokens.length === 9 ? 2 : 4);
  return {
    // A stream that is made anew begins its sequence again; the time tells them apart.
    key: `${stream}.${sequence}.${time}`,
    count: Number(count),
    sequence: Number(sequence),
  };
}

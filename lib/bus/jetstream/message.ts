import type { BusMessage, Delivery } from "../bus.ts";
import { streamDelivery } from "./delivery.ts";

/** Sends to a subject over whatever connection there is; drops it when there is none. */
export type Respond = (subject: string, data: Uint8Array) => void;

const encoder = new TextEncoder();
const ACK = encoder.encode("+ACK");
const IN_PROGRESS = encoder.encode("+WPI");
const TERM = encoder.encode("+TERM");

/** What a message out of a stream is made of. */
export interface StreamMessageParts {
  /** Without the deployment's prefix. */
  readonly subject: string;
  readonly data: Uint8Array;
  /** Subject that the server expects the acknowledgement on. */
  readonly reply: string;
  readonly respond: Respond;
  /** Whether the server understands a reason for a termination; since 2.11. */
  readonly takesReasons: boolean;
  /** Told that this process has given the message up. */
  readonly onTerm?: () => void;
}

/**
 * A message out of a JetStream stream. The acknowledgement goes over the
 * connection of the moment, which need not be the one that the message came
 * over; when it is lost, the server delivers again.
 */
export class StreamMessage implements BusMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly #parts: StreamMessageParts;
  #settled = false;

  /** @param parts what it is made of */
  constructor(parts: StreamMessageParts) {
    this.subject = parts.subject;
    this.data = parts.data;
    this.#parts = parts;
  }

  /** Which delivery of the message this is. */
  get delivery(): Delivery {
    return streamDelivery(this.#parts.reply);
  }

  /** Says once that the work is done. */
  ack(): void {
    this.#settle(ACK);
  }

  /** Asks once for redelivery; at least a millisecond later, since the server would retry at once for ever. */
  nak(delayMs: number): void {
    const delay = Math.max(1, Math.round(delayMs)) * 1_000_000;
    this.#settle(encoder.encode(`-NAK {"delay":${delay}}`));
  }

  /** Gives the message up once and for all. */
  term(reason: string): void {
    if (!this.#settled) this.#parts.onTerm?.();
    // A server before 2.11 does not take the command for one when a reason follows.
    const words = reason.replace(/[\p{Cc}\s]+/gu, " ").trim().slice(0, 200);
    this.#settle(this.#parts.takesReasons && words ? encoder.encode(`+TERM ${words}`) : TERM);
  }

  /** Restarts the server's patience, unless the message is settled. */
  working(): void {
    if (!this.#settled) this.#parts.respond(this.#parts.reply, IN_PROGRESS);
  }

  #settle(data: Uint8Array): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#parts.respond(this.#parts.reply, data);
  }
}

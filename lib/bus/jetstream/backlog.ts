import { jetstreamManager, type NextMsgRequest } from "nats/jetstream";
import type { Backlog } from "../bus.ts";
import type { NatsLink } from "../nats/link.ts";

/** Which consumer is asked about. */
export interface ConsumerAddress {
  readonly stream: string;
  readonly consumer: string;
  /** JetStream domain, if any. */
  readonly domain?: string;
}

/** A backlog with what decides whether the server may deliver. */
export interface ConsumerBacklog extends Backlog {
  /** Pull requests that wait at the server, of all workers. */
  readonly requests: number;
  /** Messages that may be in work at once, over all workers. */
  readonly maxAckPending: number;
}

/** Asks the server how far a consumer is, at the cost of one or two requests. */
export class BacklogReader {
  readonly #link: NatsLink;
  readonly #address: ConsumerAddress;
  readonly #timeoutMs: number;
  /** Up to this message everything was settled when the server was last asked. */
  #settledUpTo = 0;
  #oldest: { readonly after: number; readonly at: number | undefined } | undefined;

  /** @param timeoutMs for each answer */
  constructor(link: NatsLink, address: ConsumerAddress, timeoutMs: number) {
    this.#link = link;
    this.#address = address;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Reads it.
   *
   * @throws {Error} when the consumer does not exist or push messages, or the server does not answer
   */
  async read(): Promise<ConsumerBacklog> {
    const { stream, consumer, domain } = this.#address;
    const manager = await jetstreamManager(this.#link.connection, {
      checkAPI: false,
      timeout: this.#timeoutMs,
      ...(domain !== undefined && { domain }),
    });
    const info = await manager.consumers.info(stream, consumer);
    if (info.config.deliver_subject !== undefined) {
      throw new Error("it pushes, and workers must pull");
    }
    const { num_pending: pending, num_ack_pending: ackPending, num_waiting: requests } = info;
    // The server's own floor stays behind a message that it gave up on (2.9, 2.10).
    if (ackPending === 0) {
      this.#settledUpTo = Math.max(this.#settledUpTo, info.delivered.stream_seq);
    }
    const counts = {
      pending,
      ackPending,
      requests,
      maxAckPending: info.config.max_ack_pending ?? Infinity,
    };
    if (pending + ackPending === 0) return counts;
    const after = Math.max(info.ack_floor.stream_seq, this.#settledUpTo);
    if (this.#oldest?.after !== after) {
      const next: NextMsgRequest & { readonly seq: number } = { seq: after + 1, next_by_subj: ">" };
      const message = await manager.streams.getMessage(stream, next);
      this.#oldest = { after, at: message?.time.getTime() };
    }
    const { at } = this.#oldest;
    return at === undefined ? counts : { ...counts, oldestAt: at };
  }
}

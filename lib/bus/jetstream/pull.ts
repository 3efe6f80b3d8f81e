import { type ConsumerMessages, jetstream, type JsMsg } from "nats/jetstream";
import type { BusMessage, BusSubscription } from "../bus.ts";
import type { BusEventListener } from "../bus_event.ts";
import { StreamMessage } from "./message.ts";
import type { NatsLink } from "../nats/link.ts";
import { pause, type ReconnectDelay, reconnectDelay } from "../nats/reconnect_delay.ts";
import { withoutPrefix } from "../subjects.ts";

/** Where connections come from. */
export interface LinkSource {
  /** The connection of the moment. */
  readonly link: NatsLink | undefined;
  /** The connection of the moment, or the next one; nothing when the signal gives up before. */
  nextLink(signal: AbortSignal): Promise<NatsLink | undefined>;
}

/** What a pull subscription needs. */
export interface PullOptions {
  readonly links: LinkSource;
  readonly stream: string;
  readonly consumer: string;
  /** Name that the setup is given to create this stream, among others. */
  readonly setUpAs: string;
  readonly domain?: string;
  readonly prefix: string;
  readonly timeoutMs: number;
  readonly reconnectDelay: ReconnectDelay;
  /** Messages fetched ahead of the reader; as many as a few megabytes hold when absent. */
  readonly ahead?: number;
  readonly onEvent: BusEventListener;
  /** Told of the stream sequence of each message that this process has given up. */
  readonly onTerm?: (sequence: number) => void;
}

/**
 * Fetched ahead of the reader. NATS servers give up a connection for which 64 MiB
 * wait to be sent; from 8 MiB on more ahead is not faster.
 */
const AHEAD_BYTES = 8 * 1024 * 1024;

/** Subject, reply and headers of a message count too; an ample guess. */
const ENVELOPE_BYTES = 64 * 1024;

/**
 * Messages of a durable pull consumer. It fetches only a little more than the
 * reader takes, so that what the reader has no room for stays in the stream, and
 * goes on by itself after a lost connection or a consumer that was missing.
 */
export class PullSubscription implements BusSubscription {
  readonly subject: string;
  readonly #options: PullOptions;
  readonly #draining = new AbortController();
  #pulling: ConsumerMessages | undefined;

  /** @param options what it needs */
  constructor(options: PullOptions) {
    this.#options = options;
    this.subject = `${options.stream}/${options.consumer}`;
  }

  /** Fetches no more; what it holds is still yielded. */
  drain(): Promise<void> {
    this.#draining.abort();
    this.#pulling?.stop();
    return Promise.resolve();
  }

  /** Yields until it is drained or the bus is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    const { links, stream, consumer, onEvent } = this.#options;
    const { signal } = this.#draining;
    for (let failures = 0; !signal.aborted; failures++) {
      const link = await links.nextLink(signal);
      if (link === undefined) return;
      let reason = "";
      try {
        const pulling = await this.#pull(link);
        onEvent({ kind: "jetstream_ready", stream, consumer });
        failures = 0;
        for await (const message of pulling) yield this.#message(message, link);
      } catch (error) {
        reason = error instanceof Error ? error.message : "no reason given";
      } finally {
        this.#pulling?.stop();
        this.#pulling = undefined;
      }
      if (!signal.aborted) await this.#waitAfter(reason, failures, link);
    }
  }

  async #pull(link: NatsLink): Promise<ConsumerMessages> {
    const { stream, consumer, domain, timeoutMs } = this.#options;
    const client = jetstream(link.connection, {
      timeout: timeoutMs,
      ...(domain !== undefined && { domain }),
    });
    const found = await client.consumers.get(stream, consumer);
    const pulling = await found.consume({
      ...this.#limit(link),
      abort_on_missing_resource: true,
    });
    this.#pulling = pulling;
    // By itself it would notice only when the reader comes back.
    void link.lost.then(() => pulling.stop());
    if (this.#draining.signal.aborted) pulling.stop();
    return pulling;
  }

  /** By bytes, since the server disconnects who has asked for more than it can push out at once. */
  #limit(link: NatsLink): { max_messages: number } | { max_bytes: number } {
    const { ahead } = this.#options;
    if (ahead !== undefined) return { max_messages: ahead };
    // A message that is larger than what is asked for would never come.
    const largest = (link.connection.info?.max_payload ?? 0) + ENVELOPE_BYTES;
    return { max_bytes: Math.max(AHEAD_BYTES, largest) };
  }

  /** A lost connection is the bus's to report; anything else is reported here. */
  async #waitAfter(reason: string, failures: number, link: NatsLink): Promise<void> {
    const { stream, consumer, setUpAs, onEvent, reconnectDelay: bounds } = this.#options;
    const retryInMs = Math.round(reconnectDelay(failures, bounds));
    if (link.isLive) {
      const remedy = /not enabled/.test(reason)
        ? "enable JetStream at the server and for this account"
        : `create it with \`decnet-ttp nats setup --stream ${setUpAs}\``;
      onEvent({
        kind: "jetstream_unavailable",
        stream,
        reason: `cannot pull from consumer ${consumer} of stream ${stream}: ` +
          `${reason || "it has ended"}; ${remedy}`,
        retryInMs,
      });
    }
    await pause(retryInMs, this.#draining.signal);
  }

  #message(message: JsMsg, link: NatsLink): BusMessage {
    const { links, prefix, onTerm } = this.#options;
    // The reply is a part of the message that the client's interface does not show.
    const { reply } = message as JsMsg & { readonly reply: string };
    return new StreamMessage({
      subject: withoutPrefix(prefix, message.subject),
      data: message.data,
      reply,
      respond: (subject, data) => links.link?.respond(subject, data),
      takesReasons: link.isAtLeast(2, 11),
      onTerm: () => onTerm?.(message.seq),
    });
  }
}

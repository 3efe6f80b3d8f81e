import type { Msg } from "nats/core";
import type { BusMessage, DurableSubscription } from "../bus.ts";
import type { BusEventListener } from "../bus_event.ts";
import { BacklogReader, type ConsumerBacklog } from "./backlog.ts";
import { streamDelivery } from "./delivery.ts";
import { StreamMessage } from "./message.ts";
import type { NatsLink } from "../nats/link.ts";
import { pause, type ReconnectDelay, reconnectDelay } from "../reconnect_delay.ts";
import { type PullBudget, PullWindow } from "./pull_window.ts";
import { StallWatch } from "./stall_watch.ts";
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
  /** What is fetched ahead of the reader. */
  readonly budget: PullBudget;
  /** Pause between two questions for the backlog, in milliseconds; 2 s by default. */
  readonly pollMs?: number;
  /** Delivery that stands still for so long is begun anew, in milliseconds; 5 s by default. */
  readonly stalledAfterMs?: number;
  readonly onEvent: BusEventListener;
  /** Told of the stream sequence of each message that this process has given up. */
  readonly onTerm?: (sequence: number) => void;
}

/**
 * Half of it is on the way while the reader takes the other half. A batch of the
 * worker has half as many messages; 500 sessions of usual size are one MiB.
 */
export const DEFAULT_BUDGET: PullBudget = { messages: 500, bytes: 2 * 1024 * 1024 };

/** Subject, reply and headers of a message count too; an ample guess. */
const ENVELOPE_BYTES = 64 * 1024;

/** What is on the way is not waited for any longer when the subscription is left; in milliseconds. */
const LEAVE_MS = 1_000;

/** Between two questions for the backlog, in milliseconds. */
const POLL_MS = 2_000;

/**
 * Messages of a durable pull consumer. It fetches only a little more than the
 * reader takes, so that what the reader has no room for stays in the stream, and
 * goes on by itself after a lost connection, a consumer that was missing, or a
 * server that has stopped to deliver.
 */
export class PullSubscription implements DurableSubscription {
  readonly subject: string;
  readonly #options: PullOptions;
  readonly #draining = new AbortController();
  #window: PullWindow | undefined;
  #backlog: ConsumerBacklog | undefined;
  #restarts = 0;

  /** @param options what it needs */
  constructor(options: PullOptions) {
    this.#options = options;
    this.subject = `${options.stream}/${options.consumer}`;
  }

  /** As it was at the last look; nothing while the server cannot be asked. */
  get backlog(): ConsumerBacklog | undefined {
    return this.#backlog;
  }

  /** How often delivery stood still and was begun anew. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Fetches no more; what is on the way and what it holds is still yielded. */
  async drain(): Promise<void> {
    this.#draining.abort();
    await this.#window?.drain(LEAVE_MS);
  }

  /** Yields until it is drained or the bus is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    const { links, stream, consumer, onEvent } = this.#options;
    const { signal } = this.#draining;
    for (let failures = 0; !signal.aborted; failures++) {
      const link = await links.nextLink(signal);
      if (link === undefined) return;
      const reader = new BacklogReader(link, this.#options, this.#options.timeoutMs);
      let reason = "";
      try {
        this.#backlog = await reader.read();
        if (signal.aborted) return;
        const window = this.#window = this.#open(link);
        onEvent({ kind: "jetstream_ready", stream, consumer });
        failures = 0;
        void this.#watch(window, reader);
        yield* window;
        reason = window.endReason;
      } catch (error) {
        reason = error instanceof Error ? error.message : "no reason given";
      } finally {
        this.#window?.end();
        this.#window = undefined;
        this.#backlog = undefined;
      }
      if (!signal.aborted && reason !== "") await this.#waitAfter(reason, failures, link);
    }
  }

  #open(link: NatsLink): PullWindow {
    const { stream, consumer, domain, budget } = this.#options;
    const api = domain === undefined ? "$JS.API" : `$JS.${domain}.API`;
    const window = new PullWindow({
      connection: link.connection,
      requestSubject: `${api}.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      budget,
      largest: (link.connection.info?.max_payload ?? 0) + ENVELOPE_BYTES,
      received: (message) => this.#message(message, link),
      now: () => performance.now(),
    });
    void link.lost.then(() => window.end());
    return window;
  }

  /** Knows the backlog, keeps what is held in work, and ends a window that nothing comes through any more. */
  async #watch(window: PullWindow, reader: BacklogReader): Promise<void> {
    const { stream, consumer, pollMs = POLL_MS, stalledAfterMs, onEvent } = this.#options;
    const stalls = new StallWatch(stalledAfterMs);
    while (true) {
      await pause(pollMs, window.ended);
      if (window.ended.aborted) return;
      window.keepAlive();
      const backlog = await reader.read().catch(() => undefined);
      if (window.ended.aborted) return;
      this.#backlog = backlog;
      const { request, idleMs, isOverdue } = window;
      const reason = backlog && stalls.look({ request, idleMs, isOverdue, backlog });
      if (reason === undefined) continue;
      this.#restarts += 1;
      onEvent({ kind: "jetstream_stalled", stream, consumer, reason });
      return window.end();
    }
  }

  /** A lost connection is the bus's to report; anything else is reported here. */
  async #waitAfter(reason: string, failures: number, link: NatsLink): Promise<void> {
    const { stream, consumer, setUpAs, onEvent, reconnectDelay: bounds } = this.#options;
    if (!link.isLive) return;
    const retryInMs = Math.round(reconnectDelay(failures, bounds));
    const remedy = /not enabled/.test(reason)
      ? "enable JetStream at the server and for this account"
      : `create it with \`decnet-ttp nats setup --stream ${setUpAs}\``;
    onEvent({
      kind: "jetstream_unavailable",
      stream,
      reason: `cannot pull from consumer ${consumer} of stream ${stream}: ${reason}; ${remedy}`,
      retryInMs,
    });
    await pause(retryInMs, this.#draining.signal);
  }

  #message(message: Msg, link: NatsLink): BusMessage {
    const { links, prefix, onTerm } = this.#options;
    const { reply = "" } = message;
    return new StreamMessage({
      subject: withoutPrefix(prefix, message.subject),
      data: message.data,
      reply,
      respond: (subject, data) => links.link?.respond(subject, data),
      takesReasons: link.isAtLeast(2, 11),
      onTerm: () => onTerm?.(streamDelivery(reply).sequence),
    });
  }
}

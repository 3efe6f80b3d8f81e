import {
  type Bus,
  BusError,
  type BusMessage,
  type BusStatus,
  type BusSubscription,
  type Publication,
} from "../bus.ts";
import type { BusEventListener } from "../bus_event.ts";
import { ConnectPacer } from "../connect_pacer.ts";
import { MessageStream } from "../message_stream.ts";
import { PlainMessage } from "../plain_message.ts";
import { CONFIRMED, type PublishOutcome } from "../publish_outcome.ts";
import { pause, type ReconnectDelay } from "../reconnect_delay.ts";
import { StatusFeed } from "../status_feed.ts";
import { checkedPattern, checkedSubject, subjectMatches } from "../subjects.ts";
import { MAX_FRAME_BYTES } from "./frames.ts";
import { UnixLink } from "./link.ts";

const NO_BODY = new Uint8Array();

/** What may be said besides the path. */
export interface UnixBusOptions {
  /** Name that the other side shows for this client. */
  readonly name?: string;
  readonly reconnectDelay?: ReconnectDelay;
  /** Told of what happens to the connection. */
  readonly onEvent?: BusEventListener;
}

/**
 * DECNET's own bus: a UNIX socket on which its programs meet. It is dialled in
 * the background and for ever. Delivery is at most once, and nothing is
 * confirmed: a message counts as published when the socket has taken it. There
 * are no queue groups, so that every client gets every message.
 */
export class UnixBus implements Bus {
  readonly description: string;
  readonly #path: string;
  readonly #options: UnixBusOptions;
  readonly #status = new StatusFeed("connecting");
  readonly #subscriptions = new Set<UnixSubscription>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #link: UnixLink | undefined;

  /**
   * Begins to connect.
   *
   * @param path the socket
   */
  constructor(path: string, options: UnixBusOptions = {}) {
    this.#path = path;
    this.#options = options;
    this.description = `unix://${path}`;
    this.#running = this.#run();
  }

  /** `closed` only after `close()`. */
  get status(): BusStatus {
    return this.#status.current;
  }

  /** Subscribes now and on every later connection; a queue group is not known here. */
  subscribe(subject: string): BusSubscription {
    const subscription = new UnixSubscription(checkedPattern(subject), () => {
      this.#subscriptions.delete(subscription);
      if (!this.#isSubscribed(subject)) this.#tell("UNSUB", subject);
    });
    if (this.#closing.signal.aborted) {
      subscription.stream.end();
      return subscription;
    }
    const isNew = !this.#isSubscribed(subject);
    this.#subscriptions.add(subscription);
    if (isNew) this.#tell("SUB", subject);
    return subscription;
  }

  /** Resolves once the socket has taken the messages. */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    for (const { subject } of messages) checkedSubject(subject);
    const link = this.#link;
    if (link === undefined) {
      throw new BusError(`cannot publish: there is no connection to ${this.description}`);
    }
    return await Promise.all(messages.map(async ({ subject, data }): Promise<PublishOutcome> => {
      if (data.length > MAX_FRAME_BYTES) {
        const message = `the message on ${subject} has ${data.length} bytes; ` +
          `${this.description} takes ${MAX_FRAME_BYTES}`;
        return { status: "refused", reason: "too_large", message };
      }
      await link.send({ verb: "PUB", argument: subject, body: data });
      return CONFIRMED;
    }));
  }

  /** Yields `connecting` and `connected` in turn, and `closed` at the end. */
  statusChanges(): AsyncIterable<BusStatus> {
    return this.#status.changes();
  }

  /** Takes leave of the socket, in bounded time even when nobody reads there. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    for (const subscription of this.#subscriptions) subscription.stream.end();
    this.#status.set("closed");
  }

  /** One connection after the other, until the bus is closed. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { name = "decnet-ttp", onEvent, reconnectDelay } = this.#options;
    const pacer = new ConnectPacer(reconnectDelay);
    const closing = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve(), { once: true })
    );
    while (!signal.aborted) {
      let retryInMs: number;
      try {
        const link = await UnixLink.open(this.#path, name, (topic, body) => {
          this.#deliver(topic, body);
        });
        const since = performance.now();
        await this.#use(link);
        await Promise.race([link.lost, closing]);
        retryInMs = pacer.lost(this.#path, performance.now() - since);
        this.#link = undefined;
        await link.close();
        if (!signal.aborted) {
          this.#status.set("connecting");
          onEvent?.({ kind: "disconnected", reason: await link.lost, retryInMs });
        }
      } catch (error) {
        retryInMs = pacer.failed(error);
        const reason = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) {
          onEvent?.({ kind: "connect_failed", reason, attempt: pacer.attempts, retryInMs });
        }
      }
      await pause(retryInMs, signal);
    }
  }

  async #use(link: UnixLink): Promise<void> {
    const patterns = new Set(Array.from(this.#subscriptions, ({ subject }) => subject));
    this.#link = link;
    for (const argument of patterns) await link.send({ verb: "SUB", argument, body: NO_BODY });
    this.#status.set("connected");
    this.#options.onEvent?.({ kind: "connected", server: this.description, version: "" });
  }

  #isSubscribed(subject: string): boolean {
    return this.#subscriptions.values().some((subscription) => subscription.subject === subject);
  }

  /** A connection that breaks here is noticed by whoever reads from it. */
  #tell(verb: "SUB" | "UNSUB", argument: string): void {
    this.#link?.send({ verb, argument, body: NO_BODY }).catch(() => {});
  }

  #deliver(topic: string, body: Uint8Array): void {
    for (const { subject, stream } of this.#subscriptions) {
      if (subjectMatches(subject, topic)) stream.push(new PlainMessage(topic, body.slice()));
    }
  }
}

class UnixSubscription implements BusSubscription {
  readonly stream = new MessageStream();
  readonly #leave: () => void;

  constructor(readonly subject: string, leave: () => void) {
    this.#leave = leave;
  }

  drain(): Promise<void> {
    this.#leave();
    this.stream.end();
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<BusMessage> {
    return this.stream[Symbol.asyncIterator]();
  }
}

import {
  type Bus,
  BusError,
  type BusMessage,
  type BusStatus,
  type BusSubscription,
  type Publication,
  type SubscribeOptions,
} from "../bus.ts";
import type { BusEventListener } from "../bus_event.ts";
import { MessageStream } from "../message_stream.ts";
import { dial } from "./dial.ts";
import type { LinkSubscription, NatsLink } from "./link.ts";
import { readLogin } from "./login.ts";
import { addressText, type NatsSettings, parseTarget } from "./settings.ts";
import { PlainMessage } from "../plain_message.ts";
import type { PublishOutcome } from "../publish_outcome.ts";
import { ConnectPacer } from "../connect_pacer.ts";
import { pause, type ReconnectDelay } from "../reconnect_delay.ts";
import { StatusFeed } from "../status_feed.ts";
import { checkedPattern, checkedSubject } from "../subjects.ts";

/** What may be said besides the address and the login. */
export interface NatsBusOptions {
  /** Put before every subject, for servers that several deployments share; none by default. */
  readonly prefix?: string;
  /** Name that the server shows for this client. */
  readonly name?: string;
  /** For reaching the server, its confirmations and leaving it, in milliseconds; 10 s by default. */
  readonly timeoutMs?: number;
  /** Pause between pings, in milliseconds; 10 s by default. */
  readonly pingIntervalMs?: number;
  readonly reconnectDelay?: ReconnectDelay;
  /** Messages waiting for one reader before it is reported as slow; 65,536 by default. */
  readonly slowConsumerAt?: number;
  /** Told of what happens to the connection. */
  readonly onEvent?: BusEventListener;
  /** Told of each new connection; for JetStream. */
  readonly onLink?: (link: NatsLink) => void;
}

/**
 * A NATS server, or one of a cluster, as the bus. It connects in the background
 * and forever; what is subscribed is in force whenever there is a connection.
 * Delivery is at most once: what is sent while there is none is not seen.
 */
export class NatsBus implements Bus {
  readonly description: string;
  readonly #settings: NatsSettings;
  readonly #options: NatsBusOptions;
  readonly #status = new StatusFeed("connecting");
  readonly #subscriptions = new Set<NatsSubscription>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #link: NatsLink | undefined;

  /**
   * Begins to connect.
   *
   * @throws {BusSettingsError} when address, login or certificates cannot be meant
   * @throws {SubjectError} when the prefix cannot stand before a subject
   */
  constructor(settings: NatsSettings, options: NatsBusOptions = {}) {
    this.#settings = settings;
    this.#options = options;
    if (options.prefix !== undefined && options.prefix !== "") checkedSubject(options.prefix);
    // What is wrong from the start is said at the start.
    readLogin(settings);
    this.description = parseTarget(settings).servers.map(addressText).join(",");
    this.#running = this.#run();
  }

  /** `closed` only after `close()`. */
  get status(): BusStatus {
    return this.#status.current;
  }

  /** The connection there is now. */
  get link(): NatsLink | undefined {
    return this.#link;
  }

  /** Subscribes now and on every later connection. */
  subscribe(subject: string, options: SubscribeOptions = {}): BusSubscription {
    const subscription = new NatsSubscription(
      checkedPattern(subject),
      options.queue === undefined ? undefined : checkedSubject(options.queue),
      () => this.#subscriptions.delete(subscription),
    );
    if (this.#closing.signal.aborted) subscription.stream.end();
    else this.#subscriptions.add(subscription);
    if (this.#link !== undefined) this.#attach(subscription, this.#link);
    return subscription;
  }

  /** Sends and waits until the server has read all of it. */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    for (const { subject } of messages) checkedSubject(subject);
    const link = this.#link;
    if (link === undefined) {
      throw new BusError(`cannot publish: there is no connection to ${this.description}`);
    }
    return await link.publish(messages);
  }

  /** Yields `connecting` and `connected` in turn, and `closed` at the end. */
  statusChanges(): AsyncIterable<BusStatus> {
    return this.#status.changes();
  }

  /** Lets go of the server, in bounded time even when it does not answer. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    for (const subscription of this.#subscriptions) subscription.stream.end();
    this.#status.set("closed");
  }

  /** One connection after the other, until the bus is closed. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const pacer = new ConnectPacer(this.#options.reconnectDelay);
    const closing = new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve(), { once: true })
    );
    while (!signal.aborted) {
      let retryInMs: number;
      try {
        const link = await this.#open(signal);
        const [{ id }, since] = [link.server, performance.now()];
        this.#use(link);
        await Promise.race([link.lost, closing]);
        retryInMs = pacer.lost(id, performance.now() - since);
        await this.#leave(link, retryInMs, signal);
      } catch (error) {
        retryInMs = pacer.failed(error);
        if (!signal.aborted) this.#failed(error, pacer.attempts, retryInMs);
      }
      await pause(retryInMs, signal);
    }
  }

  #open(signal: AbortSignal): Promise<NatsLink> {
    const { prefix = "", name = "decnet-ttp", timeoutMs = 10_000, pingIntervalMs = 10_000 } =
      this.#options;
    const onEvent = this.#options.onEvent ?? (() => {});
    return dial(this.#settings, { prefix, name, timeoutMs, pingIntervalMs, onEvent }, signal);
  }

  #failed(error: unknown, attempt: number, retryInMs: number): void {
    const reason = error instanceof Error ? error.message : "no reason given";
    this.#options.onEvent?.({ kind: "connect_failed", reason, attempt, retryInMs });
  }

  #use(link: NatsLink): void {
    this.#link = link;
    for (const subscription of this.#subscriptions) this.#attach(subscription, link);
    const { address, version } = link.server;
    this.#status.set("connected");
    this.#options.onEvent?.({ kind: "connected", server: address, version });
    this.#options.onLink?.(link);
  }

  async #leave(link: NatsLink, retryInMs: number, signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
      this.#status.set("connecting");
      this.#options.onEvent?.({
        kind: "disconnected",
        reason: await link.lost,
        retryInMs,
      });
    }
    this.#link = undefined;
    await link.close();
  }

  #attach(subscription: NatsSubscription, link: NatsLink): void {
    const { stream, subject, queue } = subscription;
    const { slowConsumerAt = 65_536, onEvent } = this.#options;
    let slow = false;
    subscription.attached = link.subscribe(
      subject,
      queue,
      (arrivedOn, data) => {
        // One text for all messages that wait: each brings its own.
        stream.push(new PlainMessage(arrivedOn === subject ? subject : arrivedOn, data));
        const waiting = stream.waiting;
        if (waiting >= slowConsumerAt && !slow) {
          onEvent?.({ kind: "slow_consumer", subject, waiting });
        }
        slow = waiting >= slowConsumerAt;
      },
    );
  }
}

class NatsSubscription implements BusSubscription {
  readonly stream = new MessageStream();
  /** The subscription on the connection there is now. */
  attached: LinkSubscription | undefined;
  readonly #leave: () => void;

  constructor(readonly subject: string, readonly queue: string | undefined, leave: () => void) {
    this.#leave = leave;
  }

  async drain(): Promise<void> {
    this.#leave();
    await this.attached?.drain();
    this.stream.end();
  }

  [Symbol.asyncIterator](): AsyncIterator<BusMessage> {
    return this.stream[Symbol.asyncIterator]();
  }
}

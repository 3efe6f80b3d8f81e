import { JetStreamApiError, jetstreamManager } from "nats/jetstream";
import {
  type Bus,
  BusError,
  type BusStatus,
  type BusSubscription,
  type DurableSubscription,
  type Publication,
  type SubscribeOptions,
} from "../bus.ts";
import type { PublishOutcome } from "../publish_outcome.ts";
import { AcknowledgedPublisher } from "./acknowledged_publisher.ts";
import { type GivenUpMessage, handOver, withMessage } from "./advisory.ts";
import type { JetStreamNames } from "./names.ts";
import { DEFAULT_BUDGET, PullSubscription } from "./pull.ts";
import type { PullBudget } from "./pull_window.ts";
import { NatsBus, type NatsBusOptions } from "../nats/nats.ts";
import type { NatsLink } from "../nats/link.ts";
import type { NatsSettings } from "../nats/settings.ts";
import { RECONNECT_DELAY } from "../reconnect_delay.ts";
import { checkedSubject, subjectMatches, withPrefix } from "../subjects.ts";

/** What may be said besides the address, the login and the names. */
export interface JetStreamBusOptions extends Omit<NatsBusOptions, "onLink"> {
  /** What is fetched ahead of the reader; 500 messages or 2 MiB by default. */
  readonly budget?: PullBudget;
  /** Pause between two looks at the backlog, in milliseconds; 2 s by default. */
  readonly pollMs?: number;
  /** Delivery that stands still for so long is begun anew, in milliseconds; 5 s by default. */
  readonly stalledAfterMs?: number;
  /**
   * Takes what the server gives up on, except what this process itself has terminated. When it
   * fails, the message comes again.
   */
  readonly onGivenUp?: (givenUp: GivenUpMessage) => void | Promise<void>;
  /** Pause before it comes again, in milliseconds; 10 s by default. */
  readonly retryGivenUpMs?: number;
}

/** Advisories are handed over one by one, and rare. */
const ADVISORY_BUDGET: PullBudget = { messages: 10, bytes: 1024 * 1024 };

/** They are not in a hurry either; in milliseconds. */
const ADVISORY_POLL_MS = 10_000;

/** Own terminations that are remembered; their advisories follow within moments. */
const REMEMBERED_TERMS = 10_000;

/**
 * NATS with JetStream: events that must not be lost come out of a stream through
 * `durable()` and are redelivered until they are acknowledged; announcements are
 * confirmed once a stream has them. Everything else is as on {@linkcode NatsBus}.
 */
export class JetStreamBus implements Bus {
  readonly #bus: NatsBus;
  readonly #names: JetStreamNames;
  readonly #options: JetStreamBusOptions;
  readonly #closing = new AbortController();
  readonly #advisories: PullSubscription | undefined;
  readonly #handingOver: Promise<void>;
  #durable: DurableSubscription | undefined;
  readonly #terminated = new Set<number>();
  #publisher: AcknowledgedPublisher | undefined;
  #nextLink = Promise.withResolvers<void>();
  /** Wire subjects that a stream keeps, of the connection that they were asked on. */
  #kept: { readonly link: NatsLink; readonly subjects: Promise<readonly string[]> } | undefined;

  /**
   * Begins to connect.
   *
   * @throws {BusSettingsError} when address, login or certificates cannot be meant
   */
  constructor(settings: NatsSettings, names: JetStreamNames, options: JetStreamBusOptions = {}) {
    this.#names = names;
    this.#options = options;
    this.#bus = new NatsBus(settings, { ...options, onLink: () => this.#linked() });
    const { onGivenUp } = options;
    this.#advisories = onGivenUp && this.#pull(names.advisories, ADVISORY_BUDGET, ADVISORY_POLL_MS);
    this.#handingOver = this.#advisories && onGivenUp
      ? handOver(
        this.#advisories,
        (givenUp) => this.#complete(givenUp),
        (givenUp) => this.#terminated.has(givenUp.sequence) ? undefined : onGivenUp(givenUp),
        options.retryGivenUpMs ?? 10_000,
      )
      : Promise.resolve();
  }

  /** Address of the server and name of the stream. */
  get description(): string {
    return `${this.#bus.description} stream ${this.#names.stream}`;
  }

  /** Of the connection; JetStream's own troubles are told as events. */
  get status(): BusStatus {
    return this.#bus.status;
  }

  /** The connection there is now. */
  get link(): NatsLink | undefined {
    return this.#bus.link;
  }

  /** Subscribes outside of any stream, at most once. */
  subscribe(subject: string, options?: SubscribeOptions): BusSubscription {
    return this.#bus.subscribe(subject, options);
  }

  /** Events of the stream, shared among all workers, each until it is acknowledged. */
  durable(): DurableSubscription {
    return this.#durable = this.#pull(this.#names.stream, this.#options.budget);
  }

  /** What `durable()` has given last. */
  get delivery(): DurableSubscription | undefined {
    return this.#durable;
  }

  /** Sends in order and waits until the streams have what they keep, and the server the rest. */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    const link = this.#bus.link;
    // A heartbeat must be able to say that the streams cannot be used.
    if (link === undefined || messages.every(({ fleeting }) => fleeting)) {
      return await this.#bus.publish(messages);
    }
    for (const { subject } of messages) checkedSubject(subject);
    const kept = await this.#keptSubjects(link);
    const inStream = ({ subject }: Publication) => {
      const onWire = withPrefix(this.#options.prefix ?? "", subject);
      return kept.some((pattern) => subjectMatches(pattern, onWire));
    };
    const { streamed = [], plain = [] } = Object.groupBy(
      messages,
      (message) => inStream(message) ? "streamed" : "plain",
    );
    if (streamed.length === 0) return await link.publish(messages);
    const stored = await this.#publisherOn(link).publish(streamed);
    // The stream may have been removed or changed since it was asked what it keeps.
    if (stored.some(({ status }) => status === "unconfirmed")) this.#kept = undefined;
    if (plain.length === 0) return stored;
    const sent = await link.publish(plain);
    const [fromStreams, fromServer] = [stored.values(), sent.values()];
    return messages.map((message) => {
      const { value } = (inStream(message) ? fromStreams : fromServer).next();
      return value!;
    });
  }

  /** Of the connection. */
  statusChanges(): AsyncIterable<BusStatus> {
    return this.#bus.statusChanges();
  }

  /** Lets go of the server; what was not acknowledged is delivered again, here or elsewhere. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#advisories?.drain();
    await this.#bus.close();
    await this.#handingOver;
  }

  /** The connection of the moment, or the next one. */
  async nextLink(signal: AbortSignal): Promise<NatsLink | undefined> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    const stopped = new Promise<void>((resolve) =>
      stop.addEventListener("abort", () => resolve(), { once: true })
    );
    while (!stop.aborted) {
      if (this.#bus.link?.isLive) return this.#bus.link;
      await Promise.race([this.#nextLink.promise, stopped]);
    }
    return undefined;
  }

  #linked(): void {
    this.#nextLink.resolve();
    this.#nextLink = Promise.withResolvers();
  }

  #pull(
    stream: string,
    budget = DEFAULT_BUDGET,
    pollMs = this.#options.pollMs,
  ): PullSubscription {
    const { consumer, domain } = this.#names;
    const { prefix = "", timeoutMs = 10_000, reconnectDelay, stalledAfterMs, onEvent } =
      this.#options;
    return new PullSubscription({
      links: this,
      stream,
      consumer,
      setUpAs: this.#names.stream,
      ...(domain !== undefined && { domain }),
      prefix,
      timeoutMs,
      reconnectDelay: reconnectDelay ?? RECONNECT_DELAY,
      budget,
      ...(pollMs !== undefined && { pollMs }),
      ...(stalledAfterMs !== undefined && { stalledAfterMs }),
      onEvent: (event) => {
        // What has been set up since the connection was made is to be used.
        if (event.kind === "jetstream_ready") this.#kept = undefined;
        onEvent?.(event);
      },
      onTerm: (sequence) => this.#remember(sequence),
    });
  }

  #remember(sequence: number): void {
    this.#terminated.add(sequence);
    if (this.#terminated.size <= REMEMBERED_TERMS) return;
    const [oldest] = this.#terminated;
    if (oldest !== undefined) this.#terminated.delete(oldest);
  }

  async #complete(givenUp: GivenUpMessage): Promise<GivenUpMessage> {
    const link = await this.nextLink(this.#closing.signal);
    if (link === undefined) throw new BusError("the bus is closed");
    return await withMessage(givenUp, link, this.#options.prefix ?? "", this.#names.domain);
  }

  /** One for each connection. */
  #publisherOn(link: NatsLink): AcknowledgedPublisher {
    if (this.#publisher?.link !== link) {
      const { prefix = "", timeoutMs = 10_000 } = this.#options;
      this.#publisher = new AcknowledgedPublisher(link, { prefix, timeoutMs });
    }
    return this.#publisher;
  }

  /** Asked once a connection: without the stream, announcements are confirmed by the server alone. */
  #keptSubjects(link: NatsLink): Promise<readonly string[]> {
    if (this.#kept?.link !== link) {
      const subjects = this.#askKept(link).catch((error) => {
        this.#kept = undefined;
        throw asBusError(error, this.#names.announcements);
      });
      this.#kept = { link, subjects };
    }
    return this.#kept.subjects;
  }

  async #askKept(link: NatsLink): Promise<readonly string[]> {
    const { domain, announcements } = this.#names;
    const manager = await jetstreamManager(link.connection, {
      checkAPI: false,
      timeout: this.#options.timeoutMs ?? 10_000,
      ...(domain !== undefined && { domain }),
    });
    try {
      return (await manager.streams.info(announcements)).config.subjects ?? [];
    } catch (error) {
      if (error instanceof JetStreamApiError && error.status === 404) return [];
      throw error;
    }
  }
}

function asBusError(error: unknown, stream: string): BusError {
  if (error instanceof BusError) return error;
  const reason = error instanceof Error ? error.message : "no reason given";
  return new BusError(`stream ${stream} does not take announcements: ${reason}`);
}

import {
  type Bus,
  BusError,
  type BusStatus,
  type BusSubscription,
  type Publication,
  type SubscribeOptions,
} from "../../lib/bus/bus.ts";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { MessageStream } from "../../lib/bus/message_stream.ts";
import {
  CONFIRMED,
  notPermitted,
  type PublishOutcome,
  type RefusalReason,
} from "../../lib/bus/publish_outcome.ts";
import { StatusFeed } from "../../lib/bus/status_feed.ts";
import { subjectMatches } from "../../lib/bus/subjects.ts";
import { RecordedMessage } from "./recorded_message.ts";
import { until } from "./until.ts";

/** Decides what becomes of one message; a promise that never resolves is a bus that hangs. */
export type Answer = (message: Publication) => PublishOutcome | Promise<PublishOutcome>;

/**
 * A bus inside the test whose answers the test decides: it confirms at once, late
 * or never, refuses what a subject or a size is the reason for, rejects a whole
 * publication, and loses and finds its connection. What it takes is delivered to
 * its subscribers as on a `MemoryBus`; what comes out of its stream remembers how
 * it was acknowledged.
 */
export class ControllableBus implements Bus {
  readonly description = "controllable";
  /** Every message that was tried, in order, once for each try. */
  readonly tried: Publication[] = [];
  /** Every message that was confirmed, in order. */
  readonly taken: Publication[] = [];
  /** How many messages each call of `publish()` had. */
  readonly sizes: number[] = [];
  /** What becomes of a message; confirmed at once by default. */
  answer: Answer = () => CONFIRMED;
  readonly #memory = new MemoryBus();
  readonly #status: StatusFeed;
  readonly #streams = new Set<MessageStream>();
  #failure: Error | undefined;
  #held: PromiseWithResolvers<void> | undefined;

  /** @param status whether it has a connection at first */
  constructor(status: BusStatus = "connected") {
    this.#status = new StatusFeed(status);
  }

  /** As the test has set it. */
  get status(): BusStatus {
    return this.#status.current;
  }

  /** Ids of the messages that were confirmed, in order, repeats too. */
  get takenIds(): readonly (string | undefined)[] {
    return this.taken.map(({ msgId }) => msgId);
  }

  /** Gains the connection. */
  connect(): void {
    this.#status.set("connected");
  }

  /** Loses the connection; publications fail from now on. */
  disconnect(): void {
    this.#status.set("connecting");
  }

  /** Answers no publication from now on, those under way included, until `release()`. */
  hold(): void {
    this.#held ??= Promise.withResolvers();
  }

  /** Answers what is held, and all that follows at once. */
  release(): void {
    this.#held?.resolve();
    this.#held = undefined;
  }

  /** Refuses messages on subjects that match a pattern from now on. */
  refuse(pattern: string, reason: RefusalReason = "not_permitted"): void {
    this.answer = ({ subject }) => {
      if (!subjectMatches(pattern, subject)) return CONFIRMED;
      return { ...notPermitted(subject), reason };
    };
  }

  /** Leaves messages on subjects that match a pattern without a confirmation from now on. */
  leaveUnconfirmed(pattern: string): void {
    this.answer = ({ subject }) =>
      subjectMatches(pattern, subject)
        ? { status: "unconfirmed", message: `no answer for ${subject}` }
        : CONFIRMED;
  }

  /** Makes every publication fail as a whole from now on. */
  reject(reason: string): void {
    this.#failure = new BusError(reason);
  }

  /** Takes every message from now on. */
  accept(): void {
    this.#failure = undefined;
    this.answer = () => CONFIRMED;
  }

  /** Notes what is tried and answers as the test has decided. */
  async publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    this.sizes.push(messages.length);
    this.tried.push(...messages);
    await this.#held?.promise;
    if (this.status !== "connected") throw new BusError("cannot publish: there is no connection");
    if (this.#failure !== undefined) throw this.#failure;
    const outcomes = await Promise.all(messages.map((message) => this.answer(message)));
    const confirmed = messages.filter((_, index) => outcomes[index]?.status === "confirmed");
    this.taken.push(...confirmed);
    await this.#memory.publish(confirmed);
    return outcomes;
  }

  /** Waits until so many publications have begun. */
  async begun(publications: number): Promise<void> {
    await until(
      `${publications} publications have begun`,
      () => this.sizes.length >= publications,
    );
  }

  /** Delivers what was confirmed and matches. */
  subscribe(subject: string, options?: SubscribeOptions): BusSubscription {
    return this.#memory.subscribe(subject, options);
  }

  /** Messages that `deliver()` brings, as out of a stream. */
  durable(): BusSubscription {
    const stream = new MessageStream();
    this.#streams.add(stream);
    return {
      subject: ">",
      drain: () => {
        this.#streams.delete(stream);
        stream.end();
        return Promise.resolve();
      },
      [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
    };
  }

  /** Delivers one message out of the stream; it remembers how it is acknowledged. */
  deliver(subject: string, data: Uint8Array): RecordedMessage {
    const message = new RecordedMessage(subject, data);
    for (const stream of this.#streams) stream.push(message);
    return message;
  }

  /** Yields the status at once and then each change. */
  statusChanges(): AsyncIterable<BusStatus> {
    return this.#status.changes();
  }

  /** Ends every subscription. */
  async close(): Promise<void> {
    this.#status.set("closed");
    for (const stream of this.#streams) stream.end();
    await this.#memory.close();
  }
}

import {
  type Bus,
  BusError,
  type BusMessage,
  type BusStatus,
  type BusSubscription,
  type Publication,
  type SubscribeOptions,
} from "./bus.ts";
import { MessageStream } from "./message_stream.ts";
import { PlainMessage } from "./plain_message.ts";
import { CONFIRMED, type PublishOutcome } from "./publish_outcome.ts";
import { StatusFeed } from "./status_feed.ts";
import { checkedPattern, checkedSubject, subjectMatches } from "./subjects.ts";

/**
 * A bus inside one process, for demonstrations, tests and embedders without a
 * server. Delivers at once, in order, each message once, and redelivers nothing.
 */
export class MemoryBus implements Bus {
  readonly description = "memory";
  readonly #status = new StatusFeed("connected");
  readonly #subscriptions = new Set<MemorySubscription>();
  /** Messages given to each queue group, so that its members take turns. */
  readonly #turns = new Map<string, number>();

  /** `connected` until it is closed. */
  get status(): BusStatus {
    return this.#status.current;
  }

  /** Delivers what is published from now on. */
  subscribe(subject: string, options: SubscribeOptions = {}): BusSubscription {
    const subscription = new MemorySubscription(
      checkedPattern(subject),
      options.queue,
      () => this.#subscriptions.delete(subscription),
    );
    if (this.status === "closed") subscription.stream.end();
    else this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Hands each message to everybody who listens. */
  publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]> {
    return Promise.try(() => {
      if (this.status === "closed") throw new BusError("cannot publish: the bus is closed");
      for (const { subject } of messages) checkedSubject(subject);
      for (const message of messages) this.#deliver(message);
      return messages.map(() => CONFIRMED);
    });
  }

  /** Yields `connected`, and `closed` at the end. */
  statusChanges(): AsyncIterable<BusStatus> {
    return this.#status.changes();
  }

  /** Ends every subscription after what it has received. */
  async close(): Promise<void> {
    this.#status.set("closed");
    await Promise.all(Array.from(this.#subscriptions, (subscription) => subscription.drain()));
  }

  #deliver({ subject, data }: Publication): void {
    const listeners = Array.from(this.#subscriptions)
      .filter((subscription) => subjectMatches(subscription.subject, subject));
    const groups = Map.groupBy(listeners, ({ group }) => group);
    for (const [group, members] of groups) {
      const receivers = group === undefined ? members : [this.#next(group, members)];
      // Each gets bytes of its own, as it would from a server.
      for (const { stream } of receivers) stream.push(new PlainMessage(subject, data.slice()));
    }
  }

  #next(group: string, members: readonly MemorySubscription[]): MemorySubscription {
    const turn = this.#turns.get(group) ?? 0;
    this.#turns.set(group, turn + 1);
    return members[turn % members.length]!;
  }
}

class MemorySubscription implements BusSubscription {
  readonly stream = new MessageStream();
  /** Members of one group said the same name and the same subject, as on a server. */
  readonly group: string | undefined;
  readonly #leave: () => void;

  constructor(readonly subject: string, queue: string | undefined, leave: () => void) {
    this.group = queue === undefined ? undefined : `${subject} ${queue}`;
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

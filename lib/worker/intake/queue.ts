import type { BusMessage } from "../../bus/bus.ts";
import { Wake } from "../wake.ts";

/** What the loss of a message costs, decided by its subject. */
export type Delivery = "at_least_once" | "best_effort";

/** How much may wait. */
export interface QueueLimits {
  /** Messages; 65,536 by default. */
  readonly maxMessages?: number;
  /** Bytes of message bodies; 64 MiB by default. */
  readonly maxBytes?: number;
}

/**
 * Shares of the limits that messages out of a stream take: a few batches of the loop.
 * More in memory is not faster, and what they leave is for those that nobody keeps.
 */
const STREAM_SHARE = { messages: 1 / 64, bytes: 1 / 32 };

/**
 * What has arrived and waits for the loop, in order of arrival and bounded. When
 * it is full the oldest best-effort messages go first, then the oldest of all;
 * each one dropped is reported.
 */
export class MessageQueue {
  readonly #lanes: Readonly<Record<Delivery, Lane>> = {
    at_least_once: new Lane(),
    best_effort: new Lane(),
  };
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  readonly #wake: Wake;
  readonly #onDrop: (message: BusMessage) => void;
  #arrived = 0;

  /**
   * @param wake woken for each message that arrives
   * @param onDrop told of each message that had to go
   */
  constructor(wake: Wake, onDrop: (message: BusMessage) => void, limits: QueueLimits = {}) {
    this.#wake = wake;
    this.#onDrop = onDrop;
    this.#maxMessages = limits.maxMessages ?? 65_536;
    this.#maxBytes = limits.maxBytes ?? 64 * 1024 * 1024;
  }

  /** Woken when a source that is kept waiting may go on. */
  readonly room = new Wake();

  /** Messages waiting. */
  get size(): number {
    return this.#lanes.at_least_once.length + this.#lanes.best_effort.length;
  }

  /**
   * Whether a source that keeps what is not taken should keep it for now: a message
   * of a stream that has to go comes again, but only so often.
   */
  get isFilling(): boolean {
    const { length, bytes } = this.#lanes.at_least_once;
    return length >= this.#maxMessages * STREAM_SHARE.messages ||
      bytes >= this.#maxBytes * STREAM_SHARE.bytes;
  }

  /** How long the oldest message has waited, in milliseconds. */
  get lagMs(): number {
    const { at_least_once, best_effort } = this.#lanes;
    const oldest = Math.min(at_least_once.headArrivedAt, best_effort.headArrivedAt);
    return oldest === Infinity ? 0 : performance.now() - oldest;
  }

  /** Does something with each message that waits, oldest of each delivery first. */
  forEach(visit: (message: BusMessage) => void): void {
    this.#lanes.at_least_once.forEach(visit);
    this.#lanes.best_effort.forEach(visit);
  }

  /** Adds a message and makes room for it where needed. */
  push(message: BusMessage, delivery: Delivery): void {
    this.#lanes[delivery].push(message, this.#arrived++, performance.now());
    while (this.size > this.#maxMessages || (this.#bytes > this.#maxBytes && this.size > 1)) {
      const lane = this.#lanes.best_effort.length > 0
        ? this.#lanes.best_effort
        : this.#lanes.at_least_once;
      this.#onDrop(lane.shift());
    }
    this.#wake.wake();
  }

  /** Takes at most so many messages, oldest first. */
  take(max: number): BusMessage[] {
    const taken: BusMessage[] = [];
    while (taken.length < max && this.size > 0) {
      const { at_least_once, best_effort } = this.#lanes;
      const older = at_least_once.headOrder < best_effort.headOrder ? at_least_once : best_effort;
      taken.push(older.shift());
    }
    if (!this.isFilling) this.room.wake();
    return taken;
  }

  get #bytes(): number {
    return this.#lanes.at_least_once.bytes + this.#lanes.best_effort.bytes;
  }
}

/**
 * First in, first out, without moving the rest at every step. What is to be known of
 * a message stands in lists of its own: an object for each would take twice the room.
 */
class Lane {
  #messages: (BusMessage | undefined)[] = [];
  #orders: number[] = [];
  /** By the monotonic clock, in milliseconds. */
  #arrivals: number[] = [];
  #head = 0;
  #bytes = 0;

  /** Of message bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#messages.length - this.#head;
  }

  get headOrder(): number {
    return this.#orders[this.#head] ?? Infinity;
  }

  get headArrivedAt(): number {
    return this.#arrivals[this.#head] ?? Infinity;
  }

  forEach(visit: (message: BusMessage) => void): void {
    for (let index = this.#head; index < this.#messages.length; index++) {
      visit(this.#messages[index]!);
    }
  }

  push(message: BusMessage, order: number, arrivedAt: number): void {
    this.#messages.push(message);
    this.#bytes += message.data.length;
    this.#orders.push(order);
    this.#arrivals.push(arrivedAt);
  }

  shift(): BusMessage {
    const message = this.#messages[this.#head]!;
    this.#bytes -= message.data.length;
    // A message taken must not be kept alive by the list it stood in.
    this.#messages[this.#head++] = undefined;
    // Taken entries are let go of in one cut, each moved at most once on average.
    if (this.#head > 1024 && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#orders = this.#orders.slice(this.#head);
      this.#arrivals = this.#arrivals.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }
}

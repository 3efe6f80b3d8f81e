import { createInbox, type Msg, nanos, type NatsConnection, type Subscription } from "nats/core";
import type { BusMessage } from "../bus.ts";
import { pause } from "../reconnect_delay.ts";

/** What may be asked for and held at once, ahead of the reader. */
export interface PullBudget {
  readonly messages: number;
  /** Of message bodies; one message may be larger. */
  readonly bytes: number;
}

/** What a window needs. */
export interface PullWindowOptions {
  readonly connection: NatsConnection;
  /** Subject that pull requests of the consumer are sent to. */
  readonly requestSubject: string;
  readonly budget: PullBudget;
  /** Bytes of the largest message that the server takes, its subject and headers included. */
  readonly largest: number;
  /** Makes a message of the bus out of what arrived. */
  readonly received: (message: Msg) => BusMessage;
  /** Monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** A request ends after so long without enough messages, and the next one is sent; in milliseconds. */
export const REQUEST_EXPIRES_MS = 30_000;

/** A server that has not ended a request so long after its time has lost it; in milliseconds. */
const OVERDUE_MS = 5_000;

/** NATS servers give up a connection for which as much waits to be sent. */
const LARGEST_REQUEST_BYTES = 64 * 1024 * 1024;

interface Request {
  readonly number: number;
  readonly asked: number;
  readonly sentAt: number;
  left: number;
}

/**
 * Pull requests of one consumer on one connection, one after the other, and what
 * they bring. Each asks for messages and for bytes, as many of both as the budget
 * has left, which the client library's own pull cannot say: it takes one limit
 * only, and what it keeps of unused bytes makes its requests shrink to nothing.
 */
export class PullWindow implements AsyncIterable<BusMessage> {
  readonly #options: PullWindowOptions;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #ended = new AbortController();
  #draining = false;
  #held: BusMessage[] = [];
  #head = 0;
  #heldBytes = 0;
  /** Given to the reader since the last sign of life. */
  #taken = 0;
  #request: Request | undefined;
  #requests = 0;
  #arrivedAt = -Infinity;
  #largest: number;
  #endReason = "";
  #wake: (() => void) | undefined;

  /** Subscribes and sends the first request. */
  constructor(options: PullWindowOptions) {
    this.#options = options;
    this.#largest = options.largest;
    this.#subscription = options.connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error !== null) this.end(error.message);
        else if (message.subject.startsWith(this.#inbox)) this.#status(message);
        else this.#take(message);
      },
    });
    this.#ask();
  }

  /** Aborted once the window has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** Why it has ended; empty where that was asked for. */
  get endReason(): string {
    return this.#endReason;
  }

  /** Number of the request that the server has not ended; nothing while the reader has enough. */
  get request(): number | undefined {
    return this.#request?.number;
  }

  /** How long nothing has come although it is asked for, in milliseconds. */
  get idleMs(): number {
    if (this.#request === undefined) return 0;
    return this.#options.now() - Math.max(this.#request.sentAt, this.#arrivedAt);
  }

  /** Whether the server should have ended the request long ago. */
  get isOverdue(): boolean {
    if (this.#request === undefined) return false;
    return this.#options.now() - this.#request.sentAt > REQUEST_EXPIRES_MS + OVERDUE_MS;
  }

  /** Says of what has been held since the last call that it is in work, so that it is not delivered again. */
  keepAlive(): void {
    const taken = this.#taken;
    this.#taken = 0;
    // A reader that takes as much as is held in that time leaves nothing waiting for long.
    if (taken >= this.#held.length - this.#head) return;
    for (let index = this.#head; index < this.#held.length; index++) this.#held[index]!.working();
  }

  /**
   * Asks for no more; what is on the way is still taken.
   *
   * @param limitMs how long the server's confirmation is waited for
   */
  async drain(limitMs: number): Promise<void> {
    this.#draining = true;
    const drained = this.#subscription.drain().then(() => this.end(), () => this.end());
    await Promise.race([drained, pause(limitMs, this.#ended.signal)]);
    this.end();
  }

  /** Takes no more; what is held is still yielded. */
  end(reason = ""): void {
    if (this.#ended.signal.aborted) return;
    this.#endReason = reason;
    this.#request = undefined;
    this.#ended.abort();
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
    this.#wake?.();
  }

  /** Yields what comes until the window has ended; it has one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    try {
      while (true) {
        const message = this.#held[this.#head];
        if (message !== undefined) {
          this.#release(message);
          yield message;
        } else if (this.#ended.signal.aborted) return;
        else {
          await new Promise<void>((resolve) => this.#wake = resolve);
          this.#wake = undefined;
        }
      }
    } finally {
      this.end();
    }
  }

  #take(arrived: Msg): void {
    const message = this.#options.received(arrived);
    this.#held.push(message);
    this.#heldBytes += message.data.length;
    this.#arrivedAt = this.#options.now();
    const request = this.#request;
    if (request !== undefined) {
      request.left -= 1;
      if (request.left === 0) {
        this.#request = undefined;
        this.#ask();
      }
    }
    this.#wake?.();
  }

  #release(message: BusMessage): void {
    this.#head += 1;
    this.#taken += 1;
    this.#heldBytes -= message.data.length;
    // Taken entries are let go of in one cut, each moved at most once on average.
    if (this.#head * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
    this.#ask();
  }

  /** Sends the next request, once the last one has ended and half of the budget is free. */
  #ask(): void {
    if (this.#request !== undefined || this.#draining || this.#ended.signal.aborted) return;
    const { connection, requestSubject, budget, now } = this.#options;
    const held = this.#held.length - this.#head;
    const messages = budget.messages - held;
    const bytes = budget.bytes - this.#heldBytes;
    const least = Math.max(budget.bytes / 2, this.#largest);
    if (held > 0 && (messages < budget.messages / 2 || bytes < least)) return;
    const number = this.#requests++;
    this.#request = { number, asked: messages, left: messages, sentAt: now() };
    const asked = {
      batch: messages,
      // A message that is larger than what is asked for would never come.
      max_bytes: Math.max(bytes, this.#largest),
      expires: nanos(REQUEST_EXPIRES_MS),
    };
    if (connection.isClosed()) return this.end("the connection is closed");
    connection.publish(requestSubject, JSON.stringify(asked), {
      reply: `${this.#inbox}.${number}`,
    });
  }

  /** What the server says of a request; of one that has ended here already it is not heeded. */
  #status({ subject, headers }: Msg): void {
    const request = this.#request;
    if (request === undefined || subject !== `${this.#inbox}.${request.number}`) return;
    const [code, description] = [headers?.code ?? 0, headers?.description ?? ""];
    const isTooLarge = code === 409 && /Message Size Exceeds MaxBytes/i.test(description);
    if (isTooLarge && request.left === request.asked) {
      // Not one message fitted: the first in line is larger than the server takes today.
      if (this.#largest >= LARGEST_REQUEST_BYTES) return this.end("a message is above 64 MiB");
      this.#largest = Math.min(2 * this.#largest, LARGEST_REQUEST_BYTES);
    } else if (
      !isTooLarge && code !== 408 && code !== 404 && !/Batch Completed/i.test(description)
    ) {
      return this.end(code === 503 ? "nobody answers pull requests" : `${code} ${description}`);
    }
    this.#request = undefined;
    this.#ask();
  }
}

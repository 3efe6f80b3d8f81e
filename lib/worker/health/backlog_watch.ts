import type { Backlog, DurableSubscription } from "../../bus/bus.ts";
import type { Payload } from "../../tagging/event.ts";
import type { Companion, CompanionHost } from "../companion.ts";
import type { Health } from "./health.ts";

/** The lowest backlog of each of so many spans in a row is compared: four steps up take a minute. */
const SPANS = 5;

/** Length of one span, in milliseconds. */
const SPAN_MS = 15_000;

/** What the backlog is watched with. */
export interface BacklogWatchOptions {
  /** The subscription to the stream; nothing before there is one. */
  readonly delivery: () => DurableSubscription | undefined;
  /** A message that has waited for longer makes the worker degraded; in milliseconds. */
  readonly maxLagMs: number;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Monotonic clock, in milliseconds. */
  readonly monotonic: () => number;
}

/** Says how much waits in the stream, and that a worker which falls behind is not well. */
export class BacklogWatch implements Companion {
  /** A message that has waited for longer makes the worker degraded; in milliseconds. */
  maxLagMs: number;
  readonly #options: BacklogWatchOptions;
  #health: Health | undefined;
  /** Lowest backlog of each span that is over, at most one less than are compared. */
  #lows: number[] = [];
  #low = Infinity;
  #spanEndsAt = -Infinity;

  /** @param options what it watches with */
  constructor(options: BacklogWatchOptions) {
    this.#options = options;
    this.maxLagMs = options.maxLagMs;
  }

  /** Learns whose health it is. */
  start({ health }: Pick<CompanionHost, "health">): void {
    this.#health = health;
  }

  /** Looks at what the server has said last. */
  tick(): void {
    const backlog = this.#options.delivery()?.backlog;
    const grows = this.#grows(backlog);
    const reasons: string[] = [];
    if (backlog !== undefined) {
      if (grows) reasons.push("the backlog of the stream has grown for a minute");
      const age = this.#ageMs(backlog);
      // No figure that changes with each look: every change of the reason is announced.
      if (age > this.maxLagMs) {
        reasons.push(
          `the oldest message in the stream waits for longer than ${this.maxLagMs / 1000} s`,
        );
      }
    }
    if (reasons.length === 0) this.#health?.recover("backlog");
    else this.#health?.degrade("backlog", reasons.join(", and "));
  }

  /** Nothing is left to do. */
  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Fields of the heartbeat; none of the backlog while the server cannot be asked. */
  status(): Payload {
    const delivery = this.#options.delivery();
    if (delivery === undefined) return {};
    const { backlog, restarts } = delivery;
    const counted = { stream_restarts: restarts };
    if (backlog === undefined) return counted;
    return {
      stream_pending: backlog.pending,
      stream_ack_pending: backlog.ackPending,
      stream_oldest_ms: Math.round(this.#ageMs(backlog)),
      ...counted,
    };
  }

  #ageMs({ oldestAt }: Backlog): number {
    // The clock of the server may be ahead of ours.
    return oldestAt === undefined ? 0 : Math.max(0, this.#options.now() - oldestAt);
  }

  /** Whether even the lowest backlog of each span was higher than that of the one before, for a minute. */
  #grows(backlog: Backlog | undefined): boolean {
    if (backlog === undefined) {
      this.#lows = [];
      this.#low = Infinity;
      this.#spanEndsAt = -Infinity;
      return false;
    }
    const now = this.#options.monotonic();
    if (now >= this.#spanEndsAt) {
      if (this.#low < Infinity) this.#lows = [...this.#lows, this.#low].slice(-SPANS);
      this.#low = Infinity;
      this.#spanEndsAt = now + SPAN_MS;
    }
    this.#low = Math.min(this.#low, backlog.pending + backlog.ackPending);
    const [first = 0, ...rest] = this.#lows;
    if (this.#lows.length < SPANS) return false;
    let previous = first;
    for (const low of rest) {
      if (low <= previous) return false;
      previous = low;
    }
    return true;
  }
}

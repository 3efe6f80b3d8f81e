import type { ConsumerBacklog } from "./backlog.ts";

/** Nothing has come for so long although messages wait: delivery stands still; in milliseconds. */
export const STALLED_AFTER_MS = 5_000;

/** A pull as it stands, and what the server says of its consumer. */
export interface PullState {
  /** Number of the request that waits at the server; nothing when the reader has enough. */
  readonly request: number | undefined;
  /** How long that has brought nothing, in milliseconds. */
  readonly idleMs: number;
  /** Whether the server should have ended it long ago. */
  readonly isOverdue: boolean;
  readonly backlog: Pick<ConsumerBacklog, "pending" | "ackPending" | "requests" | "maxAckPending">;
}

/** Tells from one look after the other whether delivery stands still although it should go on. */
export class StallWatch {
  readonly #stalledAfterMs: number;
  /** Request that the server did not know of at the last look. */
  #missing: number | undefined;

  /** @param stalledAfterMs time without delivery that is too long */
  constructor(stalledAfterMs: number = STALLED_AFTER_MS) {
    this.#stalledAfterMs = stalledAfterMs;
  }

  /** @returns why the pull must be made anew, or nothing when all is well */
  look({ request, idleMs, isOverdue, backlog }: PullState): string | undefined {
    const missing = backlog.requests === 0 ? request : undefined;
    const missingAgain = missing !== undefined && missing === this.#missing;
    this.#missing = missing;
    if (request === undefined) return undefined;
    if (isOverdue) return "the server has not ended a pull request in its time";
    if (idleMs < this.#stalledAfterMs) return undefined;
    const seconds = Math.floor(idleMs / 1000);
    if (backlog.pending > 0 && backlog.ackPending < backlog.maxAckPending) {
      return `${backlog.pending} messages wait, and none has come for ${seconds} s`;
    }
    // What waits may be redeliveries, which are not counted; one look may meet a request that just ends.
    return missingAgain ? "the server does not know of the pull request" : undefined;
  }
}

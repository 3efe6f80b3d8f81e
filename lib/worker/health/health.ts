/** Whether the worker does what it is there for. */
export interface HealthReport {
  readonly state: "ok" | "degraded";
  /** What is wrong, in the order in which it went wrong. */
  readonly reason?: string;
}

/** Parts of the worker that can fail and recover on their own. */
export type HealthPart =
  | "bus"
  | "streams"
  | "backlog"
  | "store"
  | "file"
  | "outbox"
  | "rules"
  | "rule_states";

/** Remembers what is wrong at the moment, by part. */
export class Health {
  readonly #troubles = new Map<HealthPart, string>();

  /**
   * Says that a part does not work.
   *
   * @returns whether this is news
   */
  degrade(part: HealthPart, reason: string): boolean {
    const news = this.#troubles.get(part) !== reason;
    this.#troubles.set(part, reason);
    return news;
  }

  /**
   * Says that a part works again.
   *
   * @returns whether it did not before
   */
  recover(part: HealthPart): boolean {
    return this.#troubles.delete(part);
  }

  /** Whether nothing is wrong with a part. */
  works(part: HealthPart): boolean {
    return !this.#troubles.has(part);
  }

  /** The state now. */
  report(): HealthReport {
    if (this.#troubles.size === 0) return { state: "ok" };
    const reasons = Array.from(this.#troubles, ([part, reason]) => `${part}: ${reason}`);
    return { state: "degraded", reason: reasons.join("; ") };
  }
}

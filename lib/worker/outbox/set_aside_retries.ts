import { Backoff } from "../backoff.ts";

/** Pauses between tries of one group, in milliseconds; each try costs the server one refusal. */
const RETRY_BACKOFF = { firstMs: 500, lastMs: 300_000 };

/** Subjects that are named as those whose messages are set aside. */
const MAX_NAMED = 3;

/** Messages on one subject that were set aside for one reason. */
export interface RetryGroup {
  readonly subject: string;
  /** Short name of the reason, e.g. `not_permitted`. */
  readonly reason: string;
  /** What happened and what to do. */
  readonly detail: string;
  /** Whether one of them has been confirmed since the last refusal, so that many are tried at once. */
  readonly accepted: boolean;
}

interface ScheduledGroup extends RetryGroup {
  accepted: boolean;
  /** By the clock of the retries. */
  retryAt: number;
  readonly backoff: Backoff;
}

/**
 * Decides when what the bus refused is tried again: each subject and reason with a
 * backoff of its own, and all at once on a new connection.
 */
export class SetAsideRetries {
  readonly #now: () => number;
  readonly #groups = new Map<string, ScheduledGroup>();
  /** The groups that also concern later messages on their subject. */
  readonly #blocking = new Map<string, ScheduledGroup>();

  /** @param now monotonic clock, in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether nothing is set aside. */
  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** Takes up what was set aside before the program started; it is due at once. */
  resume(groups: readonly Pick<RetryGroup, "subject" | "reason" | "detail">[]): void {
    for (const { subject, reason, detail } of groups) {
      this.#add(subject, reason, detail).retryAt = this.#now();
    }
  }

  /** Says that a message on a subject has been set aside. */
  note(subject: string, reason: string, detail: string): void {
    if (this.#groups.has(keyOf(subject, reason))) return;
    this.failed(this.#add(subject, reason, detail));
  }

  /**
   * The group behind which a message on a subject has to wait, unsent: what is refused
   * for its subject's sake would be refused again, and what came first goes first.
   */
  blocking(subject: string): RetryGroup | undefined {
    return this.#blocking.get(subject);
  }

  /** The group whose turn it is, if there is one. */
  due(): RetryGroup | undefined {
    const next = this.#next();
    return next !== undefined && next.retryAt <= this.#now() ? next : undefined;
  }

  /** Milliseconds until a group is due; nothing when there is none. */
  nextInMs(): number | undefined {
    const next = this.#next();
    return next && Math.max(0, next.retryAt - this.#now());
  }

  /** Says that everything of a group that was tried has been confirmed; the group stays due. */
  succeeded({ subject, reason }: RetryGroup): void {
    const group = this.#groups.get(keyOf(subject, reason));
    if (group === undefined) return;
    group.accepted = true;
    group.backoff.reset();
    group.retryAt = this.#now();
  }

  /** Says that something of a group was refused again. */
  failed({ subject, reason }: RetryGroup): void {
    const group = this.#groups.get(keyOf(subject, reason));
    if (group === undefined) return;
    group.accepted = false;
    group.retryAt = this.#now() + group.backoff.next();
  }

  /** Says that nothing of a group is left. */
  end({ subject, reason }: RetryGroup): void {
    this.#groups.delete(keyOf(subject, reason));
    this.#blocking.delete(subject);
    for (const group of this.#groups.values()) this.#block(group);
  }

  /** Makes all groups due, e.g. on a new connection. */
  retryNow(): void {
    for (const group of this.#groups.values()) {
      group.accepted = false;
      group.backoff.reset();
      group.retryAt = this.#now();
    }
  }

  /** What is set aside and why, for people; names a few subjects. Nothing when there is none. */
  describe(): string | undefined {
    const details = new Set(Array.from(this.#groups.values(), ({ detail }) => detail));
    if (details.size === 0) return undefined;
    const more = details.size - MAX_NAMED;
    const named = [...details].slice(0, MAX_NAMED).join("; ");
    return more > 0 ? `${named}; and ${more} more subjects` : named;
  }

  #add(subject: string, reason: string, detail: string): ScheduledGroup {
    const group: ScheduledGroup = {
      ...{ subject, reason, detail },
      accepted: false,
      retryAt: 0,
      backoff: new Backoff(RETRY_BACKOFF),
    };
    this.#groups.set(keyOf(subject, reason), group);
    this.#block(group);
    return group;
  }

  #block(group: ScheduledGroup): void {
    // A message that is too large says nothing of the others on its subject.
    if (group.reason !== "too_large") this.#blocking.set(group.subject, group);
  }

  #next(): ScheduledGroup | undefined {
    let next: ScheduledGroup | undefined;
    for (const group of this.#groups.values()) {
      if (next === undefined || group.retryAt < next.retryAt) next = group;
    }
    return next;
  }
}

function keyOf(subject: string, reason: string): string {
  return `${subject} ${reason}`;
}

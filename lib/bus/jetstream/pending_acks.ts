import type { PublishOutcome } from "../publish_outcome.ts";

/** The messages of one publication whose acknowledgements have not all come yet. */
export class PendingAcks {
  /** Number of the first message; the others follow without a gap. */
  readonly first: number;
  /** Subjects of the messages, in their order. */
  readonly subjects: readonly string[];
  /** Resolves once each message has an outcome, in their order. */
  readonly outcomes: Promise<readonly PublishOutcome[]>;
  readonly #outcomes: (PublishOutcome | undefined)[];
  readonly #done = Promise.withResolvers<void>();
  #missing: number;

  /**
   * @param first number of the first message
   * @param subjects of the messages, without the deployment's prefix
   */
  constructor(first: number, subjects: readonly string[]) {
    this.first = first;
    this.subjects = subjects;
    this.#outcomes = subjects.map(() => undefined);
    this.#missing = subjects.length;
    this.outcomes = this.#done.promise.then(() => this.#outcomes as readonly PublishOutcome[]);
    if (this.#missing === 0) this.#done.resolve();
  }

  /** Notes what became of one message; what was noted first holds. */
  settle(index: number, outcome: PublishOutcome): void {
    if (index < 0 || index >= this.#outcomes.length) return;
    if (this.#outcomes[index] !== undefined) return;
    this.#outcomes[index] = outcome;
    this.#missing--;
    if (this.#missing === 0) this.#done.resolve();
  }

  /**
   * Notes what became of all messages on one subject that are still without an outcome.
   *
   * @returns whether there are messages on that subject
   */
  settleSubject(subject: string, outcome: PublishOutcome): boolean {
    let found = false;
    for (const [index, of] of this.subjects.entries()) {
      if (of !== subject) continue;
      found = true;
      this.settle(index, outcome);
    }
    return found;
  }

  /** Gives up on what is still without an outcome. */
  endAll(reason: string): void {
    for (const index of this.subjects.keys()) {
      this.settle(index, { status: "unconfirmed", message: reason });
    }
  }
}

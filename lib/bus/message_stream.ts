import type { BusMessage } from "./bus.ts";

/**
 * Messages between the connection that brings them and the loop that takes
 * them: pushed on one side, iterated on the other, in order. It has one reader.
 */
export class MessageStream implements AsyncIterable<BusMessage> {
  #waiting: BusMessage[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  /** Messages that the reader has not fetched yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Adds a message; one that comes after the end is dropped. */
  push(message: BusMessage): void {
    if (this.#ended) return;
    this.#waiting.push(message);
    this.#wake?.();
  }

  /** Lets the iteration end once everything pushed so far has been taken. */
  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Yields until `end()`; a reader that leaves early ends the stream. */
  async *[Symbol.asyncIterator](): AsyncGenerator<BusMessage> {
    try {
      while (true) {
        // Taken as a whole, so that a flood costs no shift for each message.
        const taken = this.#waiting;
        this.#waiting = [];
        yield* taken;
        if (this.#waiting.length > 0) continue;
        if (this.#ended) return;
        await new Promise<void>((resolve) => this.#wake = resolve);
        this.#wake = undefined;
      }
    } finally {
      this.#ended = true;
      this.#waiting = [];
    }
  }
}

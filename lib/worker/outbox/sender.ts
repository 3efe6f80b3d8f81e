import type { Outbox } from "./outbox.ts";
import { Wake } from "../wake.ts";

/** How long a stopping worker goes on sending, in milliseconds; the rest is on disk. */
export const LAST_SEND_MS: number = 5_000;

/** Sends what is in the outbox whenever there is something, on its own, so that the loop never waits for the network. */
export class Sender {
  readonly #outbox: Pick<Outbox, "send" | "abandon">;
  readonly #lastSendMs: number;
  readonly #wake = new Wake();
  #again = false;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  /**
   * @param outbox what is sent
   * @param lastSendMs how long `stop()` goes on sending, in milliseconds
   */
  constructor(outbox: Pick<Outbox, "send" | "abandon">, lastSendMs: number = LAST_SEND_MS) {
    this.#outbox = outbox;
    this.#lastSendMs = lastSendMs;
  }

  /** Says that there may be something to send. */
  wake(): void {
    this.#wake.wake();
  }

  /** Says that what failed before may work now. */
  wakeNow(): void {
    this.#again = true;
    this.#wake.wake();
  }

  /** Begins to send. */
  start(): void {
    this.#running = this.#run();
  }

  /**
   * Ends, after a last try; a connection that hangs is not waited for, and nothing is done after the end.
   *
   * @param limitMs how long the last try may take, where that is less than usual
   */
  async stop(limitMs = Infinity): Promise<void> {
    this.#stopping = true;
    this.#wake.wake();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(limitMs, this.#lastSendMs));
    });
    await Promise.race([this.#running, tooLong]);
    clearTimeout(timer);
    this.#outbox.abandon();
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const again = this.#again;
      this.#again = false;
      const retryInMs = await this.#outbox.send(again);
      if (!this.#stopping) await this.#wake.wait(retryInMs);
    }
    await this.#outbox.send(true);
  }
}

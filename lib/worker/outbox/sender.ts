import type { Outbox } from "./outbox.ts";
import { Wake } from "../wake.ts";

/** How long a stopping worker goes on sending, in milliseconds; the rest is on disk. */
const LAST_SEND_MS = 5_000;

/** Sends what is in the outbox whenever there is something, on its own, so that the loop never waits for the network. */
export class Sender {
  readonly #outbox: Outbox;
  readonly #wake = new Wake();
  #again = false;
  #stopping = false;
  #running: Promise<void> = Promise.resolve();

  /** @param outbox what is sent */
  constructor(outbox: Outbox) {
    this.#outbox = outbox;
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

  /** Ends, after a last try; a connection that hangs is not waited for. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.wake();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_SEND_MS);
    });
    await Promise.race([this.#running, tooLong]);
    clearTimeout(timer);
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

import { getLogger } from "@logtape/logtape";
import { setImmediate } from "node:timers/promises";
import type { BusMessage } from "../../bus/bus.ts";
import { Backoff } from "../backoff.ts";
import { type BatchParts, processBatch, type Verdict } from "./batch.ts";
import type { Health } from "../health/health.ts";
import { subjectLabel } from "./event_handler.ts";
import { HeldMessage } from "./held_message.ts";
import { type SlicedTagger, slicedTagger } from "./sliced_tagging.ts";
import type { MessageQueue } from "../intake/queue.ts";
import { Wake } from "../wake.ts";
import { isLocked, LOCK_BACKOFF } from "../when_unlocked.ts";

/** A batch is closed at this many messages. */
const MAX_BATCH = 256;

/** Pauses between tries while the database fails. */
const STORE_BACKOFF = { firstMs: 100, lastMs: 10_000 };

/** A lock that another process holds for longer than this is told as a fault, in milliseconds. */
const MAX_LOCK_MS = 5_000;

/** How long a stopping loop goes on trying to write what it holds, in milliseconds. */
const LAST_TRIES_MS = 5_000;

/** An idle loop still turns this often, in milliseconds, to show that it is alive. */
const IDLE_TURN_MS = 5_000;

const log = getLogger(["ttp", "worker"]);

/** Parts that the loop drives. */
export interface LoopParts extends BatchParts {
  readonly queue: MessageQueue;
  /** Woken by whoever gives the loop something to do. */
  readonly wake: Wake;
  readonly health: Health;
  /** Adds to a message what it lacks, e.g. the body of a mail; messages are taken as they come when absent. */
  readonly complete: () => ((message: BusMessage) => Promise<BusMessage>) | undefined;
  /** Throws a `StoreError` while no events may be taken; they always may when absent. */
  readonly admit?: (() => void) | undefined;
  /** Called after each batch that is on disk, e.g. to send its announcements. */
  readonly onCommit: () => void;
  /** Called once a turn; proof that the loop is not stuck. */
  readonly onTurn: () => void;
}

/**
 * Takes what has arrived, batch by batch, and tells the bus about a message only
 * once its tags are on disk. Nothing in it waits on the network.
 */
export class Loop {
  readonly #parts: LoopParts;
  readonly #backoff = new Backoff(STORE_BACKOFF);
  readonly #lockBackoff = new Backoff(LOCK_BACKOFF);
  /** Since when another process has held the lock of the database, by the monotonic clock. */
  #lockedSince: number | undefined;
  /** Taken from the queue and not on disk yet. */
  #inHand: HeldMessage[] = [];
  readonly #tagInSlices: SlicedTagger;
  /** Cuts the pause after a failure short; a new message must not, or a flood would leave no pause. */
  readonly #pause = new Wake();
  #stopAt: number | undefined;

  /** @param parts what it drives */
  constructor(parts: LoopParts) {
    this.#parts = parts;
    const { monotonic, onTurn } = parts;
    this.#tagInSlices = slicedTagger({ monotonic, onSlice: onTurn });
  }

  /** Ends the loop once the queue is empty. */
  stop(): void {
    this.#stopAt ??= this.#parts.monotonic() + LAST_TRIES_MS;
    this.#parts.wake.wake();
    this.#pause.wake();
  }

  /** Tells the bus that what waits here is still being worked on. */
  keepAlive(): void {
    for (const { message } of this.#inHand) message.working();
    this.#parts.queue.forEach((message) => message.working());
  }

  /** Works until it is stopped. */
  async run(): Promise<void> {
    const { queue, parked, wake, onTurn } = this.#parts;
    while (true) {
      onTurn();
      await this.#take(queue);
      if (this.#inHand.length === 0 && !parked.hasWork) {
        if (this.#stopAt !== undefined) return;
        await wake.wait(IDLE_TURN_MS);
      } else if (await this.#process()) {
        // Lets the connection deliver: the work itself never waits.
        await setImmediate();
      } else if (this.#stopAt !== undefined && this.#parts.monotonic() >= this.#stopAt) {
        this.#giveUp();
        return;
      } else {
        const backoff = this.#lockedSince === undefined ? this.#backoff : this.#lockBackoff;
        await this.#pause.wait(Math.min(backoff.next(), this.#lastTriesLeftMs));
      }
    }
  }

  get #lastTriesLeftMs(): number {
    return this.#stopAt === undefined ? Infinity : this.#stopAt - this.#parts.monotonic();
  }

  async #take(queue: MessageQueue): Promise<void> {
    const complete = this.#parts.complete();
    for (const message of queue.take(MAX_BATCH - this.#inHand.length)) {
      this.#inHand.push(
        new HeldMessage(complete === undefined ? message : await complete(message)),
      );
    }
  }

  /** Returns whether a batch is on disk. */
  async #process(): Promise<boolean> {
    const { health, onCommit } = this.#parts;
    let verdicts: readonly Verdict[];
    try {
      this.#parts.admit?.();
      await this.#prepare();
      const { telemetry, parked } = this.#parts;
      // A parked event that must be alone has this turn for itself.
      const batch = parked.isPrepared ? [] : this.#inHand;
      verdicts = telemetry === undefined
        ? processBatch(this.#parts, batch)
        : telemetry.ticked(batch.length, () => processBatch(this.#parts, batch));
    } catch (error) {
      this.#parts.counters.add("store_failures");
      if (this.#isBusy(error)) return false;
      const reason = error instanceof Error ? error.message : String(error);
      if (health.degrade("store", reason)) {
        log.error("the database failed; what came is kept and tried again: {reason}", { reason });
      }
      return false;
    }
    for (const [index, verdict] of verdicts.entries()) {
      const { message } = this.#inHand[index]!;
      if (verdict === undefined) message.ack();
      else message.term(verdict);
    }
    this.#inHand.splice(0, verdicts.length);
    this.#backoff.reset();
    this.#lockBackoff.reset();
    this.#lockedSince = undefined;
    if (health.recover("store")) log.info("the database works again");
    onCommit();
    return true;
  }

  /** Another process that writes for a moment is no fault; one that does not let go is. */
  #isBusy(error: unknown): boolean {
    if (!isLocked(error)) {
      this.#lockedSince = undefined;
      return false;
    }
    const { counters, monotonic } = this.#parts;
    counters.add("database_busy");
    this.#lockedSince ??= monotonic();
    return monotonic() - this.#lockedSince < MAX_LOCK_MS;
  }

  /** Prepares what is processed alone before the transaction, which must not wait for anything. */
  async #prepare(): Promise<void> {
    const { parked } = this.#parts;
    const head = this.#inHand[0];
    if (head?.isAlone) await this.#prepareMessage(head);
    if (parked.isPreparing) await parked.prepare(this.#tagInSlices);
  }

  async #prepareMessage(held: HeldMessage): Promise<void> {
    const { handler, lone } = this.#parts;
    const { subject, data, delivery } = held.message;
    if (held.tagging !== undefined || held.failure !== undefined) return;
    if (delivery !== undefined && held.begunAs === undefined) {
      const setAside = lone.begin(delivery.key, subjectLabel(subject), () => data);
      held.begunAs = delivery.key;
      held.failure = setAside?.failure;
      held.file = setAside?.file;
      if (setAside !== undefined) return;
    }
    const { decoded } = held;
    if (!decoded.ok) return;
    const { tagging, failure } = await this.#tagInSlices(() =>
      handler.beginTagging(subject, decoded.envelope)
    );
    held.tagging = tagging;
    held.failure = failure;
  }

  /** What cannot be written before the end goes back where it came from. */
  #giveUp(): void {
    const held = this.#inHand.map(({ message }) => message);
    for (const { begunAs } of this.#inHand) {
      if (begunAs !== undefined) this.#parts.lone.cancel(begunAs);
    }
    const left = [...held, ...this.#parts.queue.take(Infinity)];
    for (const message of left) message.nak(0);
    this.#inHand = [];
    log.error(
      "{count} messages could not be written before the end; those of a stream come again, others are lost",
      {
        count: left.length,
      },
    );
    this.#parts.counters.add("given_up", "", left.length);
  }
}

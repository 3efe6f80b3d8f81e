import { getLogger } from "@logtape/logtape";
import { type Bus, BusError, type Publication } from "../../bus/bus.ts";
import { envelopeText } from "../../bus/envelope.ts";
import type { Counters } from "../../observe/counters.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import type { OutboxItem } from "../../store/queues/outbox.ts";
import type { Store } from "../../store/store.ts";
import type { Announcement } from "./announcements.ts";
import { Backoff } from "../backoff.ts";
import type { Health } from "../health/health.ts";

/** Messages that are sent and confirmed together. */
const SEND_BATCH = 512;

/** Pauses between tries, in milliseconds. */
const RETRY_BACKOFF = { firstMs: 250, lastMs: 30_000 };

const log = getLogger(["ttp", "outbox"]);

const encoder = new TextEncoder();

/** Parts that the outbox works with. */
export interface OutboxParts {
  readonly store: Store;
  /** Absent when the worker runs without a bus: announcements wait on disk. */
  readonly bus: Bus | undefined;
  readonly counters: Counters;
  readonly health: Health;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly telemetry?: Telemetry | undefined;
}

/**
 * Brings announcements from the disk to the bus, in order. One is written in the
 * transaction of its tags and removed after the bus has confirmed it, so that
 * consumers may see it twice, with the same `Nats-Msg-Id`, but never not at all.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #backoff = new Backoff(RETRY_BACKOFF);
  /** By the monotonic clock: a clock that is set must not hold announcements back. */
  #retryAt = 0;

  /** @param parts what it works with */
  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Adds announcements; inside the transaction of the tags that they name. */
  add(announcements: readonly Announcement[], at: Date): void {
    if (announcements.length === 0) return;
    const items = announcements.map(({ subject, type, payload }) => {
      const id = crypto.randomUUID();
      const text = envelopeText({ id, subject, type, ts: at.getTime() / 1000, payload });
      return { id, subject, payload: text };
    });
    this.#parts.store.outbox.add(items, at);
  }

  /**
   * Sends everything that waits, until a try fails.
   *
   * @param again tries at once although the last try failed, e.g. on a new connection
   * @returns milliseconds until the next try makes sense, or nothing when only new announcements or a new connection can change anything
   */
  async send(again = false): Promise<number | undefined> {
    const { store, bus } = this.#parts;
    const pause = this.#retryAt - performance.now();
    if (!again && pause > 0) return pause;
    try {
      while (bus?.status === "connected") {
        // After a failure one at a time, so that one bad message is told from a bad connection.
        const items = store.outbox.oldest(this.#backoff.failures === 0 ? SEND_BATCH : 1);
        if (items.length === 0) return undefined;
        await this.#sendItems(bus, items);
      }
    } catch (error) {
      return this.#failed(error);
    }
    return undefined;
  }

  async #sendItems(bus: Bus, items: readonly OutboxItem[]): Promise<void> {
    const publications = items.map(publicationOf);
    const { telemetry } = this.#parts;
    const outcomes =
      await (telemetry === undefined ? bus.publish(publications) : telemetry.published(
        items.map(({ subject }) => subject),
        () => bus.publish(publications),
      ));
    const failed = outcomes.find(({ status }) => status !== "confirmed");
    if (failed !== undefined && failed.status !== "confirmed") {
      if (items.length > 1 || failed.status !== "refused") throw new BusError(failed.message);
      this.#setAside(items[0]!, failed.message);
      return;
    }
    this.#parts.store.outbox.remove(items);
    this.#parts.counters.add("announced", "", items.length);
    this.#backoff.reset();
    if (this.#parts.health.recover("outbox")) log.info("announcements are sent again");
  }

  /** What the bus refuses for good must not hold up the rest for ever. */
  #setAside(item: OutboxItem, reason: string): void {
    const { store, counters, now } = this.#parts;
    store.transaction(() => {
      const { subject: topic, payload: excerpt } = item;
      store.deadLetters.add({ topic, reason, excerpt, at: new Date(now()) });
      store.outbox.remove([item]);
    });
    counters.add("dead_lettered", item.subject);
    log.error("announcement {id} on {subject} is refused: {reason}; it is kept as a dead letter", {
      id: item.id,
      subject: item.subject,
      reason,
    });
  }

  #failed(error: unknown): number {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.counters.add("send_failures");
    if (this.#parts.health.degrade("outbox", reason)) {
      log.warn("announcements wait on disk: {reason}", { reason });
    }
    const pause = this.#backoff.next();
    this.#retryAt = performance.now() + pause;
    return pause;
  }
}

function publicationOf({ id, subject, payload }: OutboxItem): Publication {
  return { subject, data: encoder.encode(payload), msgId: id };
}

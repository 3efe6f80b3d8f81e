import { getLogger } from "@logtape/logtape";
import { decodeEnvelope } from "../../bus/envelope.ts";
import type { ParkedEvent } from "../../store/queues/parked.ts";
import type { Store } from "../../store/store.ts";
import type { Attributor } from "./attribution.ts";
import type { BatchRecord } from "./batch_record.ts";
import { type EventHandler, subjectLabel } from "./event_handler.ts";
import { isolate } from "./isolate.ts";

const log = getLogger(["ttp", "parked"]);

/** Parts that parked events need. */
export interface ParkedParts {
  readonly store: Store;
  readonly handler: EventHandler;
  readonly attributor: Attributor;
  /** Pause before an event is tried again, in milliseconds. */
  readonly retryAfterMs: () => number;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Events whose attacker was not known when they came. They wait on disk, are
 * worked off as soon as their address becomes known, and are tried again now and
 * then, because another process may have learned it. Runs inside the caller's
 * transaction.
 */
export class ParkedEvents {
  readonly #parts: ParkedParts;
  readonly #addresses = new Set<string>();
  #due = false;

  /** @param parts what it works with */
  constructor(parts: ParkedParts) {
    this.#parts = parts;
  }

  /** Whether there are events to try. */
  get hasWork(): boolean {
    return this.#due || this.#addresses.size > 0;
  }

  /** Says that an address has become known. */
  release(ip: string): void {
    this.#addresses.add(ip);
  }

  /** Releases what waits for an address that is known, whoever has learned it. */
  releaseKnown(): void {
    for (const ip of this.#parts.store.parked.knownAddresses()) this.release(ip);
  }

  /** Looks whether the next try of any event is due. */
  look(): void {
    this.#due = this.#parts.store.parked.due(1, new Date(this.#parts.now())).length > 0;
  }

  /**
   * Tries events whose address has become known, then those that are due.
   *
   * @param limit at most so many
   */
  workOff(limit: number, record: BatchRecord): void {
    const { store, now } = this.#parts;
    let left = limit;
    for (const ip of this.#addresses) {
      const items = store.parked.byIp(ip, left);
      for (const item of items) this.#tryOne(item, record);
      left -= items.length;
      if (left <= 0) return;
      this.#addresses.delete(ip);
    }
    if (!this.#due) return;
    const items = store.parked.due(left, new Date(now()));
    for (const item of items) this.#tryOne(item, record);
    this.#due = items.length === left;
  }

  #tryOne(item: ParkedEvent, record: BatchRecord): void {
    const { store, now } = this.#parts;
    const failure = isolate(store, () => this.#workOffOne(item, record));
    if (failure === undefined) return;
    log.error("parked event {id} on {subject} cannot be worked off: {failure}", {
      id: item.id,
      subject: item.topic,
      failure,
    });
    store.parked.remove([item.id]);
    store.deadLetters.add({
      topic: item.topic,
      reason: failure,
      excerpt: item.envelope,
      at: new Date(now()),
    });
    record.counters.add("dead_lettered", subjectLabel(item.topic));
  }

  #workOffOne(item: ParkedEvent, record: BatchRecord): void {
    const { store, handler, attributor, now, retryAfterMs } = this.#parts;
    const at = new Date(now());
    const decoded = decodeEnvelope(new TextEncoder().encode(item.envelope));
    if (!decoded.ok) throw new Error(`the kept message is ${decoded.reason}`);
    const { envelope } = decoded;
    const attribution = attributor.attribute(envelope.payload, at);
    if (attribution === undefined) throw new Error("it names no attacker and no address");
    if (attribution.known) {
      handler.apply(item.topic, envelope, attribution, record);
      store.parked.remove([item.id]);
      record.counters.add("released", subjectLabel(item.topic));
    } else if (attribution.ip === item.ip) {
      store.parked.postpone([item.id], new Date(at.getTime() + retryAfterMs()));
    } else {
      // A dead letter that an operator sent back does not wait for an address yet.
      store.parked.remove([item.id]);
      store.parked.add({ topic: item.topic, envelope: item.envelope, ip: attribution.ip, at });
    }
  }
}

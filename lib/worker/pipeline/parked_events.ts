import { getLogger } from "@logtape/logtape";
import { type DecodedEnvelope, decodeEnvelope, type Envelope } from "../../bus/envelope.ts";
import type { ParkedEvent } from "../../store/queues/parked.ts";
import type { Store } from "../../store/store.ts";
import type { Attributor } from "./attribution.ts";
import type { BatchRecord } from "./batch_record.ts";
import { type EventHandler, subjectLabel } from "./event_handler.ts";
import type { EventTagging } from "./event_tagging.ts";
import { withSavepoint } from "./savepoint.ts";
import type { SlicedTagger, SlicedTagging } from "./sliced_tagging.ts";

const log = getLogger(["ttp", "parked"]);

/** Events that are read at once. */
const PAGE = 8;

/** Parts that parked events need. */
export interface ParkedParts {
  readonly store: Store;
  readonly handler: EventHandler;
  readonly attributor: Attributor;
  /** Pause before an event is tried again, in milliseconds. */
  readonly retryAfterMs: () => number;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether an event must be tagged in slices, before the transaction; none must when absent. */
  readonly isLarge?: (subject: string, envelope: Envelope, bytes: number) => boolean;
}

/** An event that must be tagged before it can be processed. */
interface LargeEvent {
  readonly item: ParkedEvent;
  readonly envelope: Envelope;
}

/**
 * Events whose attacker was not known when they came. They wait on disk, are
 * processed as soon as their address becomes known, and are tried again now and
 * then, because another process may have learned it. Runs inside the caller's
 * transaction.
 */
export class ParkedEvents {
  readonly #parts: ParkedParts;
  readonly #addresses = new Set<string>();
  /** Addresses that nothing waits for any more, once the transaction is committed. */
  readonly #finished: string[] = [];
  #due = false;
  #left = 0;
  #next: LargeEvent | undefined;
  #prepared: SlicedTagging | undefined;

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
   * A large event that has been met and must be tagged before the next batch, with
   * {@linkcode prepare}; until then no parked event is tried.
   */
  get isPreparing(): boolean {
    return this.#next !== undefined && this.#prepared === undefined;
  }

  /**
   * Tags the large event that was met, outside of any transaction.
   *
   * @param tagInSlices tags it, slice by slice
   * @throws {StoreError} when the database failed
   */
  async prepare(tagInSlices: SlicedTagger): Promise<void> {
    if (this.#next === undefined) return;
    const { item, envelope } = this.#next;
    const begin = (): EventTagging | undefined =>
      this.#parts.handler.beginTagging(item.topic, envelope);
    this.#prepared = await tagInSlices(begin);
  }

  /**
   * Tries events whose address has become known, then those that are due, in the
   * caller's transaction. Those that are left are tried with the next batch.
   *
   * @param limit at most so many
   * @param isOver asked after each
   */
  process(limit: number, record: BatchRecord, isOver: () => boolean): void {
    const { store, now } = this.#parts;
    this.#left = limit;
    this.#finished.length = 0;
    for (const ip of this.#addresses) {
      const page = (size: number): readonly ParkedEvent[] =>
        this.#finished.includes(ip) ? [] : store.parked.byIp(ip, size);
      if (!this.#processAll(page, record, isOver)) return;
      this.#finished.push(ip);
    }
    if (!this.#due) return;
    const at = new Date(now());
    this.#due = !this.#processAll((page) => store.parked.due(page, at), record, isOver);
  }

  /** The transaction is on disk. */
  committed(): void {
    for (const ip of this.#finished.splice(0)) this.#addresses.delete(ip);
    if (this.#prepared !== undefined) this.#next = this.#prepared = undefined;
  }

  /** A page at a time, since an event may have megabytes. Returns whether none is left. */
  #processAll(
    pageOf: (limit: number) => readonly ParkedEvent[],
    record: BatchRecord,
    isOver: () => boolean,
  ): boolean {
    while (this.#left > 0) {
      const page = pageOf(Math.min(PAGE, this.#left));
      for (const item of page) {
        const envelope = decodeEnvelope(new TextEncoder().encode(item.envelope));
        if (this.#mustPrepare(item, envelope)) return false;
        this.#processOne(item, envelope, record);
        this.#left -= 1;
        if (isOver()) return false;
      }
      if (page.length < PAGE) return this.#left > 0;
    }
    return false;
  }

  #mustPrepare(item: ParkedEvent, decoded: DecodedEnvelope): boolean {
    const { isLarge } = this.#parts;
    if (!decoded.ok || isLarge === undefined || this.#next?.item.id === item.id) return false;
    const { envelope } = decoded;
    if (!isLarge(item.topic, envelope, item.envelope.length)) return false;
    this.#next = { item, envelope };
    this.#prepared = undefined;
    return true;
  }

  #processOne(item: ParkedEvent, decoded: DecodedEnvelope, record: BatchRecord): void {
    const { store, now } = this.#parts;
    const prepared = this.#next?.item.id === item.id ? this.#prepared : undefined;
    const failure = prepared?.failure ??
      withSavepoint(store, () => this.#apply(item, decoded, prepared?.tagging, record));
    if (failure === undefined) return;
    log.error("parked event {id} on {subject} cannot be processed: {failure}", {
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

  #apply(
    item: ParkedEvent,
    decoded: DecodedEnvelope,
    tagging: EventTagging | undefined,
    record: BatchRecord,
  ): void {
    const { store, handler, attributor, now, retryAfterMs } = this.#parts;
    const at = new Date(now());
    if (!decoded.ok) throw new Error(`the kept message is ${decoded.reason}`);
    const { envelope } = decoded;
    const attribution = attributor.attribute(envelope.payload, at);
    if (attribution === undefined) throw new Error("it names no attacker and no address");
    if (attribution.known) {
      handler.apply(item.topic, envelope, attribution, record, tagging);
      store.parked.remove([item.id]);
      record.counters.add("released", subjectLabel(item.topic));
    } else if (attribution.ip === item.ip) {
      store.parked.postpone([item.id], new Date(at.getTime() + retryAfterMs()));
      // Whoever has released it was wrong, e.g. because what said so was undone.
      this.#finished.push(item.ip);
    } else {
      // A dead letter that an operator sent back does not wait for an address yet.
      store.parked.remove([item.id]);
      store.parked.add({ topic: item.topic, envelope: item.envelope, ip: attribution.ip, at });
    }
  }
}

import { getLogger } from "@logtape/logtape";
import { type DecodedEnvelope, decodeEnvelope } from "../../bus/envelope.ts";
import type { ParkedEvent } from "../../store/queues/parked.ts";
import type { Store } from "../../store/store.ts";
import type { Attributor } from "./attribution.ts";
import type { BatchRecord } from "./batch_record.ts";
import { type EventHandler, isLargeEvent, MAX_SMALL_BYTES, subjectLabel } from "./event_handler.ts";
import type { LoneDeliveries, SetAside } from "./lone_deliveries.ts";
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
  /** Processes events that are large, or ended the process before, alone and in slices; none when absent. */
  readonly lone?: LoneDeliveries;
}

/** An event that is processed alone, once it is known how. */
interface Prepared extends SlicedTagging, Partial<SetAside> {
  /** Absent where the event is not looked into any more. */
  readonly decoded?: DecodedEnvelope;
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
  /** The event that is processed alone. */
  #next: ParkedEvent | undefined;
  #prepared: Prepared | undefined;
  #isBegun = false;

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
   * Whether an event has been met that is processed alone, and must be prepared before
   * the next batch; until then no parked event is tried.
   */
  get isPreparing(): boolean {
    return this.#next !== undefined && this.#prepared === undefined;
  }

  /** Whether that has been done, and the next batch is for this event alone. */
  get isPrepared(): boolean {
    return this.#prepared !== undefined;
  }

  /**
   * Prepares that event, outside of any transaction.
   *
   * @param tagInSlices tags it, slice by slice
   * @throws {StoreError} when the database failed
   */
  async prepare(tagInSlices: SlicedTagger): Promise<void> {
    if (this.#next === undefined) return;
    const { topic, envelope } = this.#next;
    const { lone, handler } = this.#parts;
    if (!this.#isBegun) {
      const body = (): Uint8Array => new TextEncoder().encode(envelope);
      const setAside = lone?.begin(keyOf(this.#next), subjectLabel(topic), body);
      this.#isBegun = true;
      if (setAside !== undefined) {
        this.#prepared = setAside;
        return;
      }
    }
    const decoded = decodeEnvelope(new TextEncoder().encode(envelope));
    const tagged = decoded.ok
      ? await tagInSlices(() => handler.beginTagging(topic, decoded.envelope))
      : {};
    this.#prepared = { ...tagged, decoded };
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
    if (this.#prepared === undefined) return;
    this.#next = this.#prepared = undefined;
    this.#isBegun = false;
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
        const isNext = this.#next?.id === item.id;
        if (!isNext && this.#isAlone(item)) {
          this.#next = item;
          this.#prepared = undefined;
          this.#isBegun = false;
          return false;
        }
        this.#processOne(item, isNext ? this.#prepared : undefined, record);
        this.#left -= 1;
        if (isNext || isOver()) return false;
      }
      if (page.length < PAGE) return this.#left > 0;
    }
    return false;
  }

  /** Its size and its past are asked first, since decoding may be what ends the process. */
  #isAlone(item: ParkedEvent): boolean {
    const { lone, store } = this.#parts;
    const { topic, envelope } = item;
    if (lone === undefined) return false;
    if (envelope.length > MAX_SMALL_BYTES) return true;
    if (store.deliveryAttempts.count(keyOf(item)) > 0) return true;
    const decoded = decodeEnvelope(new TextEncoder().encode(envelope));
    return decoded.ok && isLargeEvent(topic, decoded.envelope, envelope.length);
  }

  #processOne(item: ParkedEvent, prepared: Prepared | undefined, record: BatchRecord): void {
    const { store, now, lone } = this.#parts;
    const failure = prepared?.failure ??
      withSavepoint(store, () => this.#apply(item, prepared, record));
    if (prepared !== undefined) lone?.end(keyOf(item));
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
      ...(prepared?.file !== undefined && { file: prepared.file }),
      at: new Date(now()),
    });
    record.counters.add("dead_lettered", subjectLabel(item.topic));
  }

  #apply(item: ParkedEvent, prepared: Prepared | undefined, record: BatchRecord): void {
    const { store, handler, attributor, now, retryAfterMs } = this.#parts;
    const at = new Date(now());
    const decoded = prepared?.decoded ?? decodeEnvelope(new TextEncoder().encode(item.envelope));
    if (!decoded.ok) throw new Error(`the kept message is ${decoded.reason}`);
    const { envelope } = decoded;
    const attribution = attributor.attribute(envelope.payload, at);
    if (attribution === undefined) throw new Error("it names no attacker and no address");
    if (attribution.known) {
      handler.apply(item.topic, envelope, attribution, record, prepared?.tagging);
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

/**
 * Names a parked event among the messages whose processing is written down.
 *
 * @param item the event, or its id
 */
export function keyOf({ id }: Pick<ParkedEvent, "id">): string {
  return `parked.${id}`;
}

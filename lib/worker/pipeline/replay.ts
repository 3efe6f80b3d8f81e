import { encodeEnvelope } from "../../bus/envelope.ts";
import { Counters } from "../../observe/counters.ts";
import type { Store } from "../../store/store.ts";
import type { CompositeTagger } from "../../tagging/composite.ts";
import type { Payload } from "../../tagging/event.ts";
import { AnnouncementLimit } from "../outbox/announcement_limit.ts";
import { Attributor } from "./attribution.ts";
import { BatchRecord } from "./batch_record.ts";
import { EventHandler, subjectLabel } from "./event_handler.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { ParkedEvents } from "./parked_events.ts";
import { withSavepoint } from "./savepoint.ts";
import type { EventLimits } from "./event_tagging.ts";

/** Parked events that are tried at once. */
const MAX_PARKED = 256;

const RETRY_PARKED_MS = 60_000;

const EMPTY_BODY = new Uint8Array();

/** An event of the past. */
export interface PastEvent {
  readonly subject: string;
  readonly type?: string;
  /** When it happened, in seconds since the epoch. */
  readonly ts?: number;
  readonly payload: Payload;
}

/** What a replay works with. */
export interface ReplayOptions {
  readonly store: Store;
  readonly tagger: CompositeTagger;
  /** Gives unknown addresses attackers of their own; else their events wait until somebody says whose they are. */
  readonly mintAttackers: boolean;
  /** Takes announcements; nothing is announced when absent. */
  readonly outbox?: Pick<Outbox, "add">;
  /** How much one event may cause; as in the worker when absent. */
  readonly eventLimits?: EventLimits;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Brings events of the past through the pipeline of the worker: anchors, parking,
 * tagging, rows. Events that were replayed before add nothing.
 */
export class Replay {
  /** What happened so far; `failed` are events that the pipeline could not take. */
  readonly counters = new Counters();
  readonly #options: ReplayOptions;
  readonly #handler: EventHandler;
  readonly #parked: ParkedEvents;

  /** @param options what it works with */
  constructor(options: ReplayOptions) {
    this.#options = options;
    const { store, tagger, now, outbox = { add: () => {} } } = options;
    const attributor = new Attributor(store, options.mintAttackers);
    // Who asks for announcements of the past wants them all, however many there are in a minute.
    const limit = new AnnouncementLimit(0);
    this.#handler = new EventHandler({
      ...{ store, tagger, attributor, outbox, limit, now },
      eventLimits: () => options.eventLimits,
    });
    this.#parked = new ParkedEvents({
      store,
      handler: this.#handler,
      attributor,
      now,
      retryAfterMs: () => RETRY_PARKED_MS,
    });
  }

  /**
   * Works off events in one transaction.
   *
   * @param alongside writes what must be true exactly when the events are in
   * @throws {StoreError} when the database failed; nothing of them is in then
   */
  work(events: readonly PastEvent[], alongside: () => void): void {
    const record = new BatchRecord();
    const { store } = this.#options;
    store.transaction(() => {
      for (const event of events) this.#workOne(event, record);
      for (const ip of record.newAddresses) this.#parked.release(ip);
      this.#parked.process(MAX_PARKED, record, () => false);
      alongside();
    });
    this.#parked.committed();
    this.counters.merge(record.counters);
  }

  /** Works off what had to wait for an attacker who became known later, also since an import that was broken off. */
  finish(): void {
    this.#parked.releaseKnown();
    while (this.#parked.hasWork) this.work([], () => {});
  }

  #workOne({ subject, type, ts, payload }: PastEvent, record: BatchRecord): void {
    const { store, mintAttackers, now } = this.#options;
    const envelope = {
      v: 1,
      payload,
      futureVersion: false,
      ...(type !== undefined && { type }),
      ...(ts !== undefined && { ts }),
    };
    const failure = withSavepoint(store, () => {
      // Only an event that must be parked needs its body.
      const body = mintAttackers ? EMPTY_BODY : encodeEnvelope({
        id: crypto.randomUUID(),
        subject,
        type: type ?? "",
        ts: ts ?? now() / 1000,
        payload,
      });
      this.#handler.handle(subject, envelope, body, record);
    });
    if (failure !== undefined) record.counters.add("failed", subjectLabel(subject));
  }
}

import { getLogger } from "@logtape/logtape";
import { setImmediate } from "node:timers/promises";
import { type Bus, BusError, type Publication } from "../../bus/bus.ts";
import { envelopeText } from "../../bus/envelope.ts";
import type { PublishOutcome } from "../../bus/publish_outcome.ts";
import type { Counters } from "../../observe/counters.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import { Throttle } from "../../observe/throttle.ts";
import type { NewSetAsideItem } from "../../store/queues/set_aside.ts";
import type { Store } from "../../store/store.ts";
import { Backoff } from "../backoff.ts";
import type { Health } from "../health/health.ts";
import { whenUnlocked } from "../when_unlocked.ts";
import type { Announcement } from "./announcements.ts";
import { SetAsideRetries } from "./set_aside_retries.ts";

/** Messages that are sent and confirmed together. */
const SEND_BATCH = 512;

/** Bytes of messages that are sent and confirmed together, so that few large ones fill no memory. */
const SEND_BYTES = 4 * 1024 * 1024;

/** Turns of the event loop that a small batch waits at most for more messages. */
const GATHER_TURNS = 8;

/** Pauses between tries while nothing is confirmed, in milliseconds. */
const RETRY_BACKOFF = { firstMs: 250, lastMs: 30_000 };

/** One log line about what is set aside in so many milliseconds. */
const LOG_EVERY_MS = 60_000;

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
  /** Monotonic clock, in milliseconds; the system's by default. */
  readonly monotonic?: () => number;
  readonly telemetry?: Telemetry | undefined;
}

/** The part of a message that is sent and may be set aside. */
type Item = Pick<NewSetAsideItem, "id" | "subject" | "payload" | "createdAt">;

/**
 * Brings announcements from the disk to the bus, in order. One is written in the
 * transaction of its tags and removed after the bus has confirmed it, so that
 * consumers may see it twice, with the same `Nats-Msg-Id`, but never not at all.
 * What the bus refuses is set aside, still on disk, and tried again later: the
 * others do not wait for it and are not sent again because of it.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #monotonic: () => number;
  readonly #backoff = new Backoff(RETRY_BACKOFF);
  readonly #retries: SetAsideRetries;
  readonly #throttle: Throttle;
  /** By the monotonic clock: a clock that is set must not hold announcements back. */
  #retryAt = -Infinity;
  #resumed = false;
  /** Why nothing is confirmed at the moment. */
  #failure: string | undefined;
  /** Messages that were added since the last look at what waits. */
  #added = 0;
  #abandoned = false;

  /** @param parts what it works with */
  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#monotonic = parts.monotonic ?? (() => performance.now());
    this.#retries = new SetAsideRetries(this.#monotonic);
    this.#throttle = new Throttle(LOG_EVERY_MS, parts.now);
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
    this.#added += items.length;
  }

  /**
   * Sends everything that waits, until nothing is confirmed any more.
   *
   * @param again tries at once although the last try failed or was refused, e.g. on a new connection
   * @returns milliseconds until the next try makes sense, or nothing when only new announcements or a new connection can change anything
   */
  async send(again = false): Promise<number | undefined> {
    const { bus } = this.#parts;
    const pause = this.#retryAt - this.#monotonic();
    if (!again && pause > 0) return pause;
    try {
      this.#resume();
      if (again) this.#retries.retryNow();
      while (bus?.status === "connected" && !this.#abandoned) {
        const sent = await this.#sendWaiting(bus);
        const retried = await this.#retryDue(bus);
        if (!sent && !retried) break;
      }
    } catch (error) {
      return this.#failed(error);
    }
    return bus?.status === "connected" ? this.#retries.nextInMs() : undefined;
  }

  /** Ends for good: what is under way is on disk, and is neither waited for nor removed any more. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** @returns whether there was anything to send */
  async #sendWaiting(bus: Bus): Promise<boolean> {
    await this.#gather();
    if (this.#abandoned) return false;
    const { store } = this.#parts;
    this.#added = 0;
    const items = store.outbox.oldest(SEND_BATCH, SEND_BYTES);
    if (items.length === 0) return false;
    const free = items.filter(({ subject }) => this.#retries.blocking(subject) === undefined);
    const outcomes = await this.#publish(bus, free);
    if (this.#abandoned) return false;
    const setAside = items.flatMap((item) => this.#blocked(item));
    for (const [index, item] of free.entries()) {
      setAside.push(...refusedItem(item, outcomes[index]));
    }
    await this.#write(() => {
      store.outbox.remove(items);
      store.outbox.setAside.add(setAside);
    });
    this.#succeeded(items.length - setAside.length);
    this.#noteSetAside(setAside);
    return true;
  }

  /** @returns whether anything that is set aside was due */
  async #retryDue(bus: Bus): Promise<boolean> {
    const group = this.#abandoned ? undefined : this.#retries.due();
    if (group === undefined) return false;
    const { store } = this.#parts;
    const { setAside } = store.outbox;
    // One first: if the least of them is refused, all are. Too large are those above some size.
    const order = group.reason === "too_large" ? "smallest" : "oldest";
    const items = setAside.next(group, order, group.accepted ? SEND_BATCH : 1, SEND_BYTES);
    if (items.length === 0) {
      this.#retries.end(group);
      log.info("announcements on {subject} are sent again", { subject: group.subject });
      this.#reportHealth();
      return true;
    }
    const outcomes = await this.#publish(bus, items, false);
    if (this.#abandoned) return false;
    const confirmed = items.filter((_, index) => outcomes[index]?.status === "confirmed");
    const changed = items.flatMap((item, index) => {
      const [refused] = refusedItem(item, outcomes[index]);
      const isNew = refused && refused.reason !== "unconfirmed" && refused.reason !== group.reason;
      return isNew ? [{ item, refused }] : [];
    });
    await this.#write(() => {
      setAside.remove(confirmed);
      for (const { item, refused } of changed) {
        setAside.change(item, refused.reason, refused.detail);
      }
    });
    this.#succeeded(confirmed.length);
    if (confirmed.length === items.length) this.#retries.succeeded(group);
    else this.#retries.failed(group);
    this.#noteSetAside(changed.map(({ refused }) => refused));
    return true;
  }

  /**
   * Lets what is about to be added come along: many commits of few events each must
   * not become as many publications of few messages each.
   */
  async #gather(): Promise<void> {
    for (let turn = 0; turn < GATHER_TURNS && this.#added < SEND_BATCH; turn++) {
      const before = this.#added;
      await setImmediate();
      if (this.#added === before) return;
    }
  }

  /**
   * @param needed fails as a whole when nothing is confirmed, since then it is the connection
   * @throws {BusError} when it fails as a whole
   */
  async #publish(
    bus: Bus,
    items: readonly Item[],
    needed = true,
  ): Promise<readonly PublishOutcome[]> {
    if (items.length === 0) return [];
    const { telemetry } = this.#parts;
    const publications = items.map(publicationOf);
    const outcomes =
      await (telemetry === undefined ? bus.publish(publications) : telemetry.published(
        items.map(({ subject }) => subject),
        () => bus.publish(publications),
      ));
    const unconfirmed = outcomes.find((outcome) => outcome.status === "unconfirmed");
    if (needed && unconfirmed && !outcomes.some(({ status }) => status === "confirmed")) {
      throw new BusError(unconfirmed.message);
    }
    return outcomes;
  }

  /** What is confirmed must not be sent again only because another process writes at the moment. */
  async #write(work: () => void): Promise<void> {
    const { store, counters } = this.#parts;
    const isOver = (): boolean => this.#abandoned;
    await whenUnlocked(() => store.transaction(work), { counters, isOver });
  }

  #blocked(item: Item): readonly NewSetAsideItem[] {
    const group = this.#retries.blocking(item.subject);
    return group === undefined ? [] : [{ ...item, reason: group.reason, detail: group.detail }];
  }

  #resume(): void {
    if (this.#resumed) return;
    this.#retries.resume(this.#parts.store.outbox.setAside.groups());
    this.#resumed = true;
    if (!this.#retries.isEmpty) this.#reportHealth();
  }

  #succeeded(confirmed: number): void {
    if (confirmed === 0) return;
    this.#parts.counters.add("announced", "", confirmed);
    this.#backoff.reset();
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#reportHealth();
    log.info("announcements are sent again");
  }

  #noteSetAside(items: readonly NewSetAsideItem[]): void {
    if (items.length === 0) return;
    for (const { subject, reason, detail } of items) {
      this.#parts.counters.add("announcements_set_aside", reason);
      this.#retries.note(subject, reason, detail);
    }
    this.#reportHealth();
    const held = this.#throttle.pass("set aside");
    if (held === undefined) return;
    log.error("announcements are set aside and tried again later: {reason}", {
      reason: this.#retries.describe() ?? items[0]!.detail,
    });
  }

  #failed(error: unknown): number {
    const reason = error instanceof Error ? error.message : String(error);
    this.#parts.counters.add("send_failures");
    const isNews = this.#failure !== reason;
    this.#failure = reason;
    this.#reportHealth();
    if (isNews) log.warn("announcements wait on disk: {reason}", { reason });
    const pause = this.#backoff.next();
    this.#retryAt = this.#monotonic() + pause;
    return pause;
  }

  #reportHealth(): void {
    const reasons = [this.#failure, this.#retries.describe()].filter((text) => text !== undefined);
    if (reasons.length === 0) this.#parts.health.recover("outbox");
    else this.#parts.health.degrade("outbox", reasons.join("; "));
  }
}

function publicationOf({ id, subject, payload }: Item): Publication {
  return { subject, data: encoder.encode(payload), msgId: id };
}

/** What is set aside of a message that was tried: nothing when it was confirmed. */
function refusedItem(item: Item, outcome: PublishOutcome | undefined): readonly NewSetAsideItem[] {
  if (outcome?.status === "confirmed") return [];
  const reason = outcome?.status === "refused" ? outcome.reason : "unconfirmed";
  return [{ ...item, reason, detail: outcome?.message ?? "the bus gave no answer" }];
}

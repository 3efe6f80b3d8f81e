import { getLogger } from "@logtape/logtape";
import type { Bus, BusMessage, BusSubscription } from "../bus/bus.ts";
import { Counters } from "../observe/counters.ts";
import type { Telemetry } from "../observe/telemetry.ts";
import { Throttle } from "../observe/throttle.ts";
import type { Store } from "../store/store.ts";
import type { CompositeTagger } from "../tagging/composite.ts";
import type { Payload } from "../tagging/event.ts";
import { AnnouncementLimit } from "./outbox/announcement_limit.ts";
import { Attributor } from "./pipeline/attribution.ts";
import type { Announcement } from "./outbox/announcements.ts";
import { ClockFollower } from "./clock_follower.ts";
import type { Companion } from "./companion.ts";
import { listenForControl } from "./control.ts";
import { EventHandler } from "./pipeline/event_handler.ts";
import { Health } from "./health/health.ts";
import { Heart } from "./health/heartbeat.ts";
import type { Retention } from "./housekeeping.ts";
import { Maintenance } from "./maintenance.ts";
import { LOCK_WAIT_MS } from "./when_unlocked.ts";
import { type DurableSource, Intake } from "./intake/intake.ts";
import type { EventLimits } from "./pipeline/event_tagging.ts";
import { LoneDeliveries } from "./pipeline/lone_deliveries.ts";
import { Loop } from "./pipeline/loop.ts";
import { Outbox } from "./outbox/outbox.ts";
import { ParkedEvents } from "./pipeline/parked_events.ts";
import { every, type Periodic } from "./periodic.ts";
import { MessageQueue, type QueueLimits } from "./intake/queue.ts";
import { rowCounts } from "./health/row_counts.ts";
import { Sender } from "./outbox/sender.ts";
import { StopDeadline } from "./stop_deadline.ts";
import { SuppressionReport } from "./outbox/suppression_report.ts";
import { Suppressions } from "./outbox/suppressions.ts";
import { UntrustedOrders } from "./untrusted_orders.ts";
import { Wake } from "./wake.ts";

const log = getLogger(["ttp", "worker"]);

/** One line a subject, or a kind of trouble, in so many milliseconds. */
const LOG_EVERY_MS = 60_000;
const HEARTBEAT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
const SECOND_MS = 1_000;

/** How a worker behaves; all of it may be changed while it works. */
export interface WorkerBehaviour {
  /** Announced tags a minute for each rule and attacker; 60 by default, 0 for no limit. */
  readonly announcementsPerMinute?: number;
  /** Between poll ticks, in milliseconds; 60,000 by default. */
  readonly pollIntervalMs?: number;
  readonly retention?: Retention;
  /** How much one event may cause; 10,000 children and 20,000 tags by default. */
  readonly eventLimits?: EventLimits;
  /** Adds to a message what it lacks before it is worked off, e.g. the body of a mail. */
  readonly complete?: (message: BusMessage) => Promise<BusMessage>;
}

/** What a worker is made of, and how it behaves at first. */
export interface WorkerOptions extends WorkerBehaviour {
  readonly store: Store;
  readonly tagger: CompositeTagger;
  /** Absent: running without a bus, until it is stopped. */
  readonly bus?: Bus;
  /** Delivers the at-least-once subjects out of a stream; plain subscriptions do when absent. */
  readonly durable?: DurableSource;
  /** Shares plain subscriptions among the workers of one group. */
  readonly queueGroup?: string;
  /** Stops on an order from the bus; such orders are counted and not obeyed by default. */
  readonly trustControl?: boolean;
  /** Gives unknown addresses attackers of their own; off by default. */
  readonly mintAttackers?: boolean;
  readonly queueLimits?: QueueLimits;
  /** Shared with whoever else learns what does not work. */
  readonly health?: Health;
  /** Facts that the heartbeat carries besides the worker's own. */
  readonly describe?: () => Payload;
  /** Traces and measures the work; nothing is spent on it when absent. */
  readonly telemetry?: Telemetry | undefined;
  /** Called at least every few seconds while the loop turns; feeds a watchdog. */
  readonly onTurn?: () => void;
  /** Called once when the worker begins to end, whoever asked for it. */
  readonly onStopping?: () => void;
  /** What lives beside the loop, e.g. to follow changes of rules. */
  readonly companions?: readonly Companion[];
  /** Throws a `StoreError` while no events may be taken, e.g. on a disk that is nearly full. */
  readonly admit?: () => void;
  /** Clock, in milliseconds since the epoch; the system's by default. */
  readonly now?: () => number;
}

/** Listens, tags, stores and announces, from `run()` until `stop()`. */
export class Worker {
  /** What happened since the start. */
  readonly counters = new Counters();
  /** What does not work at the moment. */
  readonly health: Health;
  readonly #options: WorkerOptions;
  readonly #now: () => number;
  readonly #wake = new Wake();
  readonly #queue: MessageQueue;
  readonly #intake: Intake;
  readonly #outbox: Outbox;
  readonly #sender: Sender;
  readonly #loop: Loop;
  readonly #parked: ParkedEvents;
  /** What was not written or not announced. */
  readonly suppressions = new Suppressions();
  readonly #report: SuppressionReport;
  readonly #stopRequest = Promise.withResolvers<string>();
  readonly #dropThrottle: Throttle;
  readonly #heart: Heart;
  readonly #maintenance: Maintenance;
  readonly #limit: AnnouncementLimit;
  #behaviour: WorkerBehaviour;
  #pollTick: Periodic | undefined;

  /** @param options what it is made of */
  constructor(options: WorkerOptions) {
    const { store, tagger, bus, telemetry } = options;
    this.#options = options;
    this.#behaviour = options;
    this.health = options.health ?? new Health();
    const now = this.#now = options.now ?? Date.now;
    this.#dropThrottle = new Throttle(LOG_EVERY_MS, now);
    const { counters, health } = this;
    this.#heart = new Heart({ bus, health, status: () => this.status(), now });
    this.#queue = new MessageQueue(this.#wake, (message) => this.#dropped(message), {
      ...options.queueLimits,
    });
    this.#intake = new Intake(this.#queue);
    this.#outbox = new Outbox({ store, bus, counters, health, now, telemetry });
    this.#sender = new Sender(this.#outbox);
    this.#report = new SuppressionReport({
      suppressions: this.suppressions,
      store,
      health,
      counters,
      now,
      announce: (announcements) => this.#announce(announcements),
    });
    const attributor = new Attributor(store, options.mintAttackers ?? false);
    const limit = this.#limit = new AnnouncementLimit(this.#announcementsPerMinute);
    store.database.join(limit);
    const lone = new LoneDeliveries({ store, now, counters });
    const shared = { store, now, telemetry, lone, monotonic: () => performance.now() };
    const outbox = this.#outbox;
    const eventLimits = () => this.#behaviour.eventLimits;
    const handler = new EventHandler({ ...shared, tagger, attributor, outbox, limit, eventLimits });
    const retryAfterMs = () => this.#pollIntervalMs;
    this.#parked = new ParkedEvents({ ...shared, handler, attributor, retryAfterMs });
    this.#maintenance = new Maintenance({
      ...{ store, counters, now, parked: this.#parked, report: this.#report, wake: this.#wake },
      clock: new ClockFollower(store, now),
      companions: options.companions ?? [],
      retention: () => this.#behaviour.retention ?? {},
    });
    this.#loop = new Loop({
      ...shared,
      handler,
      parked: this.#parked,
      suppressions: this.suppressions,
      counters,
      health,
      poisonThrottle: new Throttle(LOG_EVERY_MS, now),
      queue: this.#queue,
      wake: this.#wake,
      complete: () => this.#behaviour.complete,
      onCommit: () => {
        this.#sender.wake();
        this.#report.announce();
      },
      ...{ onTurn: () => options.onTurn?.(), admit: options.admit },
    });
  }

  /** Behaves in another way from now on; what is not said is as by default. */
  adjust(behaviour: WorkerBehaviour): void {
    this.#behaviour = behaviour;
    this.#limit.perMinute = this.#announcementsPerMinute;
    this.#pollTick?.repeatEvery(this.#pollIntervalMs);
  }

  get #announcementsPerMinute(): number {
    return this.#behaviour.announcementsPerMinute ?? 60;
  }

  get #pollIntervalMs(): number {
    return this.#behaviour.pollIntervalMs ?? 60_000;
  }

  /** Asks the worker to end; `run()` returns once everything in hand is on disk. */
  stop(reason: string): void {
    this.#stopRequest.resolve(reason);
  }

  /** Works until it is stopped; everything in hand is on disk when it returns. The store and the bus stay the caller's. */
  async run(): Promise<void> {
    const { store, bus, durable, queueGroup, trustControl, companions = [] } = this.#options;
    const { health, counters } = this;
    store.waitForLock(LOCK_WAIT_MS);
    const host = { bus, health, counters, announce: this.#announce.bind(this) };
    for (const companion of companions) companion.start(host);
    let controls: BusSubscription | undefined;
    if (bus === undefined) log.info("running without a bus");
    else {
      void this.#watch(bus);
      this.#intake.start(bus, queueGroup, durable);
      const untrusted = trustControl ? undefined : new UntrustedOrders(counters, this.#now);
      controls = listenForControl(bus, (reason) => this.stop(reason), untrusted);
    }
    const periodics = this.#startPeriodics();
    const looping = this.#loop.run();
    this.#sender.start();
    // A loop that ends by itself has failed: the process must not live on without it.
    const reason = await Promise.race([this.#stopRequest.promise, looping.then(() => "")]);
    log.info("stopping: {reason}", { reason });
    const deadline = new StopDeadline();
    this.#options.onStopping?.();
    await Promise.all([controls?.drain(), this.#intake.stop()]);
    this.#loop.stop();
    this.#maintenance.stop();
    await looping;
    // A heartbeat may be on its way to a server that hangs.
    await deadline.wait(Promise.all(periodics.map((periodic) => periodic.stop())), SECOND_MS);
    await deadline.wait(Promise.all(companions.map((companion) => companion.stop())));
    await this.#report.finish(SECOND_MS);
    await this.#sender.stop(deadline.leftMs);
    log.info("stopped after {events} events and {tags} new tags", {
      events: this.counters.total("events"),
      tags: this.counters.total("tags"),
    });
  }

  /** What the worker says of itself: the payload of its heartbeat. */
  status(): Payload {
    const { store, bus, describe } = this.#options;
    const rows = rowCounts(store, this.health);
    const { state, reason } = this.health.report();
    return {
      ts: this.#now() / 1000,
      ...describe?.(),
      bus: bus?.status ?? "none",
      events: this.counters.total("events"),
      tags: this.counters.total("tags"),
      queue: this.#queue.size,
      dropped: this.counters.total("dropped"),
      ...rows,
      suppressed: this.counters.total("suppressed"),
      suppressed_by_rule: this.suppressions.top(),
      lag_ms: Math.round(this.#queue.lagMs),
      state,
      ...(reason !== undefined && { reason }),
    };
  }

  #startPeriodics(): readonly Periodic[] {
    this.#pollTick = every("the poll tick", this.#pollIntervalMs, async () => {
      await this.#maintenance.poll();
      this.#sender.wake();
    });
    return [
      this.#pollTick,
      every("keeping messages alive", KEEP_ALIVE_MS, () => this.#loop.keepAlive()),
      every("the look at what changed", SECOND_MS, () => this.#maintenance.look()),
      every("the heartbeat", HEARTBEAT_MS, () => this.#heart.beat()),
      every("the word of a change", SECOND_MS, () => this.#heart.beatOnChange()),
    ];
  }

  #announce(announcements: readonly Announcement[]): void {
    if (announcements.length === 0) return;
    this.#outbox.add(announcements, new Date(this.#now()));
    this.#sender.wake();
  }

  /** What happens to the connection is the caller's to log; here it decides what is sent and how the worker is. */
  async #watch(bus: Bus): Promise<void> {
    for await (const status of bus.statusChanges()) {
      if (status === "connected") {
        this.health.recover("bus");
        this.#sender.wakeNow();
      } else if (status === "connecting") {
        this.health.degrade("bus", `not connected to ${bus.description}`);
      }
    }
  }

  #dropped(message: BusMessage): void {
    const { subject } = message;
    // A stream keeps what is not acknowledged; a plain subscription does not.
    message.nak(KEEP_ALIVE_MS);
    this.counters.add("dropped", subject);
    const held = this.#dropThrottle.pass(subject);
    if (held === undefined) return;
    log.warn("too much waits; the oldest message on {subject} had to go ({more} more since)", {
      subject,
      more: held,
    });
  }
}

import type { BusMessage } from "../../../lib/bus/bus.ts";
import { Throttle } from "../../../lib/observe/throttle.ts";
import { Counters } from "../../../lib/observe/counters.ts";
import type { Store } from "../../../lib/store/store.ts";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import type { EventLimits } from "../../../lib/worker/pipeline/event_tagging.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { MessageQueue } from "../../../lib/worker/intake/queue.ts";
import { AnnouncementLimit } from "../../../lib/worker/outbox/announcement_limit.ts";
import type { Announcement } from "../../../lib/worker/outbox/announcements.ts";
import { Suppressions } from "../../../lib/worker/outbox/suppressions.ts";
import { Attributor } from "../../../lib/worker/pipeline/attribution.ts";
import { EventHandler } from "../../../lib/worker/pipeline/event_handler.ts";
import { LoneDeliveries } from "../../../lib/worker/pipeline/lone_deliveries.ts";
import { Loop } from "../../../lib/worker/pipeline/loop.ts";
import { ParkedEvents } from "../../../lib/worker/pipeline/parked_events.ts";
import { Wake } from "../../../lib/worker/wake.ts";
import { until } from "../../harness/until.ts";
import { Scratch } from "../../store/scratch.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { type Journal, RecordedMessage } from "./recorded_message.ts";

/** A loop that was stopped has ended after this long, in milliseconds. */
const END_MS = 10_000;

const PACK = packTagger();

/** What a test may say of the parts. */
export interface PipelineOptions {
  readonly tagger?: Pick<CompositeTagger, "tag" | "claimedKinds">;
  readonly eventLimits?: EventLimits;
  readonly mintAttackers?: boolean;
  readonly complete?: (message: BusMessage) => Promise<BusMessage>;
  readonly admit?: () => void;
  readonly announcementsPerMinute?: number;
}

/** The parts between the queue and the database, over a real file, with clocks that the test turns. */
export class Pipeline implements Disposable {
  readonly #scratch = new Scratch();
  readonly store: Store;
  readonly journal: Journal = [];
  readonly announced: Announcement[] = [];
  readonly counters = new Counters();
  readonly health = new Health();
  readonly suppressions = new Suppressions();
  readonly wake = new Wake();
  readonly queue = new MessageQueue(this.wake, (message) => message.nak(5000));
  readonly handler: EventHandler;
  readonly parked: ParkedEvents;
  readonly loop: Loop;
  readonly attributor: Attributor;
  /** Time of day, in milliseconds since the epoch. */
  now = Date.parse("2026-03-01T12:30:00.000Z");
  /** Clock that is never set, in milliseconds. */
  monotonic = 0;
  /** Added to the clock that is never set whenever somebody looks at it. */
  stepMs = 0;
  turns = 0;
  commits = 0;

  constructor(options: PipelineOptions = {}) {
    this.store = this.#scratch.open();
    const { store, counters, suppressions, queue, wake, health } = this;
    const { eventLimits, complete, admit, mintAttackers = false } = options;
    const tagger = (options.tagger ?? PACK) as CompositeTagger;
    const limit = new AnnouncementLimit(options.announcementsPerMinute ?? 0);
    const clocks = {
      now: () => this.now,
      monotonic: () => this.monotonic += this.stepMs,
    };
    const outbox = { add: (made: readonly Announcement[]) => this.announced.push(...made) };
    const attributor = this.attributor = new Attributor(store, mintAttackers);
    this.handler = new EventHandler({
      ...{ store, tagger, attributor, outbox, limit, ...clocks },
      eventLimits: () => eventLimits,
    });
    const { handler } = this;
    const lone = new LoneDeliveries({ store, counters, ...clocks });
    const retryAfterMs = () => 60_000;
    this.parked = new ParkedEvents({ store, handler, attributor, ...clocks, retryAfterMs, lone });
    const { parked } = this;
    this.loop = new Loop({
      ...{ store, handler, parked, lone, suppressions, counters, queue, wake, health, ...clocks },
      poisonThrottle: new Throttle(60_000, clocks.now),
      complete: () => complete,
      admit,
      onCommit: () => this.commits++,
      onTurn: () => this.turns++,
    });
  }

  /** Puts a message into the queue. */
  push(name: string, body: Uint8Array | object, subject?: string): RecordedMessage {
    const message = new RecordedMessage(this.journal, name, body, subject);
    this.queue.push(message, "at_least_once");
    return message;
  }

  /** Puts a message into the queue that was delivered before. */
  redeliver(name: string, body: Uint8Array | object, count = 2): RecordedMessage {
    const message = new RecordedMessage(this.journal, name, body);
    message.delivery = { key: `STREAM.${name}`, count };
    this.queue.push(message, "at_least_once");
    return message;
  }

  /** Lets the loop work until it has nothing left. */
  async drain(): Promise<void> {
    const running = this.loop.run();
    this.loop.stop();
    await this.ended(running);
  }

  /** Waits for a loop that was stopped; one that does not end fails the test instead of holding it up. */
  async ended(running: Promise<void>): Promise<void> {
    let isOver = false;
    let failure: unknown;
    const ending = running.catch((error: unknown) => failure = error).then(() => isOver = true);
    await until("the loop has ended", () => isOver, END_MS);
    await ending;
    if (failure !== undefined) throw failure;
  }

  /** A second connection to the file, which sees only what is committed. */
  other(): Store {
    return this.#scratch.open({ access: "read_only", check: false });
  }

  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]();
  }
}

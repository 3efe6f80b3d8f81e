import { Counters } from "../../../lib/observe/counters.ts";
import type { Store } from "../../../lib/store/store.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { Outbox } from "../../../lib/worker/outbox/outbox.ts";
import { ControllableBus } from "../../harness/controllable_bus.ts";
import { NOW, Scratch } from "../../store/scratch.ts";

/** Subjects of announcements. */
export const TAGGED = "ttp.tagged";
export const FIRED = "ttp.rule.fired.T1082";

/** Longer than any pause between two tries, in milliseconds. */
export const LONG_MS = 3_600_000;

/** An outbox over a real database, with a bus and clocks that the test turns. */
export class OutboxFixture implements Disposable {
  readonly scratch = new Scratch();
  readonly store: Store = this.scratch.open();
  readonly bus = new ControllableBus();
  readonly counters = new Counters();
  readonly health = new Health();
  /** Monotonic clock, in milliseconds. */
  clock = 0;
  readonly outbox: Outbox = this.newOutbox();

  /** As after a restart of the program. */
  newOutbox(): Outbox {
    const { store, bus, counters, health } = this;
    const clocks = { now: () => NOW.getTime() + this.clock, monotonic: () => this.clock };
    return new Outbox({ store, bus, counters, health, ...clocks });
  }

  add(...subjects: string[]): void {
    this.outbox.add(subjects.map((subject) => ({ subject, type: "t", payload: {} })), NOW);
  }

  /** Subjects of what still waits in order, without what is set aside. */
  get waiting(): readonly string[] {
    return this.store.outbox.oldest(9999).map(({ subject }) => subject);
  }

  get setAside(): number {
    return this.store.outbox.setAside.size().messages;
  }

  get reason(): string | undefined {
    return this.health.report().reason;
  }

  triedOn(subject: string): number {
    return this.bus.tried.filter((message) => message.subject === subject).length;
  }

  [Symbol.dispose](): void {
    this.scratch[Symbol.dispose]();
  }
}

import assert from "assert";
import { DatabaseSync } from "sqlite";
import { Counters } from "../../../lib/observe/counters.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import type { Announcement } from "../../../lib/worker/outbox/announcements.ts";
import { SuppressionReport } from "../../../lib/worker/outbox/suppression_report.ts";
import { Suppressions } from "../../../lib/worker/outbox/suppressions.ts";
import { until } from "../../harness/until.ts";
import { NOW, Scratch } from "../../store/scratch.ts";
import { tagOf } from "./tag_fixture.ts";

/** Time within which a report ends that waits for nothing, in milliseconds. */
const END_MS = 5_000;

/** A report over a real database that nothing waits for the lock of. */
class ReportFixture implements Disposable {
  readonly #scratch = new Scratch();
  readonly store = this.#scratch.open();
  readonly suppressions = new Suppressions();
  readonly health = new Health();
  readonly counters = new Counters();
  readonly announced: Announcement[] = [];
  announce: (made: readonly Announcement[]) => void = (made) => this.announced.push(...made);
  readonly report = new SuppressionReport({
    suppressions: this.suppressions,
    store: this.store,
    health: this.health,
    counters: this.counters,
    now: () => NOW.getTime(),
    announce: (made) => this.announce(made),
  });

  constructor() {
    this.store.waitForLock(0);
  }

  /** Counts of what was announced, in order. */
  get counts(): readonly unknown[] {
    return this.announced.map(({ payload }) => payload["count"]);
  }

  get kept(): readonly number[] {
    return this.store.suppressed.since(NOW).map(({ count }) => count);
  }

  hold(...uuids: string[]): void {
    for (const uuid of uuids) this.suppressions.hold(tagOf({ uuid }));
  }

  /** Holds the write lock as another process does. */
  lock(): Disposable {
    const other = new DatabaseSync(this.store.database.file);
    other.exec("BEGIN IMMEDIATE");
    return {
      [Symbol.dispose]: () => {
        other.exec("ROLLBACK");
        other.close();
      },
    };
  }

  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]();
  }
}

Deno.test("the last counts are announced and kept at the end, however recent the last message", async () => {
  using fixture = new ReportFixture();
  const { report } = fixture;
  fixture.hold("u1");
  report.keep();
  report.announce();
  fixture.hold("u2", "u3");
  report.announce();
  assert.deepEqual(fixture.counts, [1]);
  await report.finish(END_MS);
  assert.deepEqual(fixture.counts, [1, 2]);
  assert.deepEqual(fixture.kept, [3]);
});

Deno.test("sums that find the database locked are kept later, and that is no fault", () => {
  using fixture = new ReportFixture();
  fixture.hold("u1", "u2");
  {
    using _lock = fixture.lock();
    fixture.report.keep();
  }
  assert.equal(fixture.counters.total("database_busy"), 1);
  assert.equal(fixture.counters.total("store_failures"), 0);
  assert.equal(fixture.health.report().state, "ok");
  assert.deepEqual(fixture.kept, []);
  fixture.report.keep();
  assert.deepEqual(fixture.kept, [2]);
});

Deno.test("a database that cannot be written is a fault until it can", () => {
  using fixture = new ReportFixture();
  fixture.hold("u1");
  fixture.store.database.run("PRAGMA query_only = ON");
  fixture.report.keep();
  assert.equal(fixture.health.report().state, "degraded");
  assert.equal(fixture.counters.total("store_failures"), 1);
  fixture.store.database.run("PRAGMA query_only = OFF");
  fixture.report.keep();
  assert.equal(fixture.health.report().state, "ok");
  assert.deepEqual(fixture.kept, [1]);
});

Deno.test("a report does not take a defect of the program for a database that fails", () => {
  using fixture = new ReportFixture();
  fixture.hold("u1");
  fixture.announce = () => {
    throw new TypeError("broken");
  };
  assert.throws(() => fixture.report.announce(), TypeError);
  assert.equal(fixture.counters.total("store_failures"), 0);
});

Deno.test("the end of a report waits no longer for a lock than it is told", async () => {
  using fixture = new ReportFixture();
  fixture.hold("u1");
  let isOver = false;
  let finishing: Promise<void> | undefined;
  try {
    using _lock = fixture.lock();
    finishing = fixture.report.finish(20).then(() => {
      isOver = true;
    });
    await until("the report has ended", () => isOver, END_MS);
    assert.equal(fixture.counters.total("store_failures"), 1);
  } finally {
    await finishing;
  }
  assert.deepEqual(fixture.kept, []);
});

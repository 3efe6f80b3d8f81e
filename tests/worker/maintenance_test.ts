import assert from "assert";
import { DatabaseSync } from "sqlite";
import { setImmediate } from "node:timers/promises";
import { Counters } from "../../lib/observe/counters.ts";
import { StoreError } from "../../lib/store/sqlite/errors.ts";
import { ClockFollower } from "../../lib/worker/clock_follower.ts";
import type { Companion } from "../../lib/worker/companion.ts";
import { Maintenance } from "../../lib/worker/maintenance.ts";
import { SuppressionReport } from "../../lib/worker/outbox/suppression_report.ts";
import { Wake } from "../../lib/worker/wake.ts";
import { isLocked } from "../../lib/worker/when_unlocked.ts";
import { until } from "../harness/until.ts";
import { tagOf } from "./outbox/tag_fixture.ts";
import { Pipeline } from "./pipeline/pipeline.ts";

const DAY_MS = 86_400_000;

/** Maintenance of a pipeline's database, with companions of the test. */
function maintain(pipeline: Pipeline, ...ticks: (() => void)[]) {
  const { store, parked, suppressions, health } = pipeline;
  const counters = new Counters();
  const wake = new Wake();
  const now = () => pipeline.now;
  const companions: Companion[] = ticks.map((tick) => ({
    start: () => {},
    tick,
    stop: () => Promise.resolve(),
  }));
  const report = new SuppressionReport({
    ...{ suppressions, store, health, counters, now },
    announce: () => {},
  });
  const maintenance = new Maintenance({
    ...{ store, counters, companions, parked, report, wake, now },
    clock: new ClockFollower(store, now),
    retention: () => ({}),
  });
  return { maintenance, counters, wake };
}

Deno.test("a companion that finds the database locked keeps none of the others from its look", () => {
  using pipeline = new Pipeline();
  let looks = 0;
  const { maintenance, counters } = maintain(pipeline, () => {
    throw new StoreError("locked", "another process holds it");
  }, () => looks++);
  maintenance.look();
  assert.equal(looks, 1);
  assert.equal(counters.total("database_busy"), 1);
});

Deno.test("any other failure of a companion is not taken for a lock", () => {
  using pipeline = new Pipeline();
  const { maintenance, counters } = maintain(pipeline, () => {
    throw new TypeError("broken");
  });
  assert.throws(() => maintenance.look(), TypeError);
  assert.equal(counters.total("database_busy"), 0);
});

Deno.test("the look wakes the loop when a parked event is due, and keeps what was held back", async () => {
  using pipeline = new Pipeline();
  const { store, suppressions } = pipeline;
  const { maintenance, wake } = maintain(pipeline);
  let woken = 0;
  const waiting = wake.wait().then(() => woken++);
  maintenance.look();
  await setImmediate();
  assert.equal(woken, 0);
  const at = new Date(pipeline.now);
  const parked = { topic: "attacker.session.ended", envelope: "{}", ip: "192.0.2.1", at };
  store.parked.add(parked);
  suppressions.hold(tagOf({ uuid: "u1" }));
  pipeline.now += 60_000;
  maintenance.look();
  await setImmediate();
  assert.equal(woken, 1);
  assert.deepEqual(store.suppressed.since(at).map(({ count }) => count), [1]);
  await waiting;
});

Deno.test("what waits is not given up because the clock was set before the poll tick", async () => {
  using pipeline = new Pipeline();
  const { store } = pipeline;
  const { maintenance } = maintain(pipeline);
  const at = new Date(pipeline.now);
  store.outbox.add([{ id: "m1", subject: "a", payload: "{}" }], at);
  store.parked.add({ topic: "t", envelope: "{}", ip: "192.0.2.1", at });
  pipeline.now += 3650 * DAY_MS;
  await maintenance.poll();
  assert.deepEqual([store.outbox.count(), store.parked.count()], [1, 1]);
});

Deno.test("a poll tick waits for a lock until the worker stops", async () => {
  using pipeline = new Pipeline();
  const { store } = pipeline;
  store.waitForLock(0);
  const { maintenance, counters } = maintain(pipeline);
  store.parked.add({ topic: "t", envelope: "{}", ip: "192.0.2.1", at: new Date(pipeline.now) });
  pipeline.now += 2 * DAY_MS;
  const other = new DatabaseSync(store.database.file);
  other.exec("BEGIN IMMEDIATE");
  let failure: unknown;
  const polling = maintenance.poll().catch((error) => failure = error);
  try {
    await until("it waits", () => counters.total("database_busy") > 1);
    assert.equal(failure, undefined);
    maintenance.stop();
    await until("it has given up", () => failure !== undefined, 5_000);
  } finally {
    other.exec("ROLLBACK");
    other.close();
    await polling;
  }
  assert.ok(isLocked(failure));
});

import assert from "assert";
import type { Backlog, DurableSubscription } from "../../../lib/bus/bus.ts";
import { openMetrics } from "../../../lib/observe/open_metrics.ts";
import { Counters } from "../../../lib/observe/counters.ts";
import { BacklogWatch } from "../../../lib/worker/health/backlog_watch.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { workerMetrics } from "../../../lib/worker/health/metrics.ts";
import { Suppressions } from "../../../lib/worker/outbox/suppressions.ts";

const START = Date.UTC(2026, 0, 1);

/** A watch over a backlog and a clock that the test sets; it looks once a second, as the worker does. */
function watched(maxLagMs = 60_000) {
  let seconds = 0;
  let backlog: Backlog | undefined;
  const health = new Health();
  const delivery = {
    restarts: 2,
    get backlog() {
      return backlog;
    },
  } as DurableSubscription;
  const watch = new BacklogWatch({
    delivery: () => delivery,
    maxLagMs,
    now: () => START + seconds * 1000,
    monotonic: () => 5_000 + seconds * 1000,
  });
  watch.start({ health });
  return {
    health,
    watch,
    pass(count: number, backlogAt: (second: number) => Backlog | undefined) {
      for (let passed = 0; passed < count; passed++) {
        seconds += 1;
        backlog = backlogAt(seconds);
        watch.tick();
      }
    },
  };
}

/** So many messages wait; the oldest of them is new. */
function waiting(second: number, pending: number, ackPending = 0): Backlog {
  return { pending, ackPending, oldestAt: START + second * 1000 };
}

const GROWS = {
  state: "degraded",
  reason: "backlog: the backlog of the stream has grown for a minute",
};
const OK = { state: "ok" };

Deno.test("a backlog that grows for a minute makes the worker degraded until it falls", () => {
  const { health, pass } = watched();
  // Up and down between two looks, as batches come and go, and up all the same.
  const growing = (second: number) => waiting(second, 1000 + 20 * second - (second % 2) * 100);
  pass(59, growing);
  assert.deepEqual(health.report(), OK);
  pass(30, growing);
  assert.deepEqual(health.report(), GROWS);
  pass(40, (second) => waiting(second, 100));
  assert.deepEqual(health.report(), OK);
});

const HARMLESS: readonly (readonly [string, (second: number) => Backlog | undefined])[] = [
  ["is steady", (second) => waiting(second, 5_000)],
  ["rises and falls", (second) => waiting(second, 500 + 400 * Math.round(Math.sin(second / 9)))],
  [
    "came at once and is worked down",
    (second) => waiting(second, second < 10 ? 0 : 50_000 - 100 * second),
  ],
  ["is not known", () => undefined],
];

for (const [what, backlogAt] of HARMLESS) {
  Deno.test(`a backlog that ${what} makes nobody degraded`, () => {
    const { health, pass } = watched();
    for (let minute = 0; minute < 5; minute++) {
      pass(60, backlogAt);
      assert.deepEqual(health.report(), OK);
    }
  });
}

Deno.test("a message that waits for longer than is allowed makes the worker degraded", () => {
  const { health, watch, pass } = watched();
  const stuck = () => ({ pending: 0, ackPending: 1, oldestAt: START });
  pass(60, stuck);
  assert.deepEqual(health.report(), OK);
  pass(1, stuck);
  const { reason } = health.report();
  assert.equal(reason, "backlog: the oldest message in the stream waits for longer than 60 s");
  pass(100, stuck);
  assert.equal(
    health.report().reason,
    reason,
    "a reason that changes would be announced each time",
  );
  watch.maxLagMs = 600_000;
  pass(1, stuck);
  assert.deepEqual(health.report(), OK);
  pass(600, stuck);
  assert.match(health.report().reason!, /600 s/);
  pass(1, () => ({ pending: 0, ackPending: 0 }));
  assert.deepEqual(health.report(), OK);
});

Deno.test("heartbeat and metrics tell the backlog and how often delivery was begun anew", () => {
  const { watch, pass } = watched();
  const told = () => {
    const status = () => watch.status();
    return openMetrics(
      workerMetrics({ counters: new Counters(), suppressions: new Suppressions(), status }),
    ).split("\n").filter((line) => line.startsWith("decnet_ttp_stream_"));
  };
  assert.deepEqual(watch.status(), { stream_restarts: 2 });
  assert.deepEqual(told(), ["decnet_ttp_stream_restarts_total 2"]);
  pass(7, () => ({ pending: 12, ackPending: 3, oldestAt: START + 500 }));
  assert.deepEqual(watch.status(), {
    stream_pending: 12,
    stream_ack_pending: 3,
    stream_oldest_ms: 6_500,
    stream_restarts: 2,
  });
  assert.deepEqual(told(), [
    "decnet_ttp_stream_pending_messages 12",
    "decnet_ttp_stream_ack_pending_messages 3",
    "decnet_ttp_stream_oldest_message_age_seconds 6.5",
    "decnet_ttp_stream_restarts_total 2",
  ]);
  pass(1, () => ({ pending: 1, ackPending: 0, oldestAt: START + 60_000 }));
  assert.equal(watch.status()["stream_oldest_ms"], 0, "the clock of the server is ahead");
});

import assert from "assert";
import type { BusSubscription } from "../../lib/bus/bus.ts";
import { MessageStream } from "../../lib/bus/message_stream.ts";
import { ControllableBus } from "../harness/controllable_bus.ts";
import { RecordedMessage } from "../harness/recorded_message.ts";
import { Sensor } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";
import { session } from "./pipeline/recorded_message.ts";

const SUBJECT = "attacker.session.ended";

function body(id: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(session(id)));
}

function sessions({ store }: Sensor): readonly string[] {
  return store.database.prepare("SELECT DISTINCT session_id AS id FROM ttp_tag ORDER BY 1")
    .all<{ id: string }>().map(({ id }) => id);
}

Deno.test("what a full queue has no room for is refused, so that the stream delivers it again, and never acknowledged", async () => {
  const bus = new ControllableBus();
  await using sensor = Sensor.start(bus, {
    durable: () => bus.durable(),
    queueLimits: { maxMessages: 8 },
  });
  const { worker, store } = sensor;
  store.database.run("PRAGMA query_only = ON");
  const messages = Array.from({ length: 300 }, (_, i) => bus.deliver(SUBJECT, body(`s${i}`)));
  await until("the database has failed", () => worker.counters.total("store_failures") > 0);
  worker.stop("the test says so");
  await until("messages had to go", () => worker.counters.total("dropped") > 0);
  store.database.run("PRAGMA query_only = OFF");
  await sensor.finished;
  const refused = messages.filter(({ told }) => told.includes("nak 5000"));
  assert.equal(refused.length, worker.counters.total("dropped"));
  assert.ok(refused.length > 0);
  for (const { told } of refused) assert.deepEqual(told, ["nak 5000"]);
  const acknowledged = messages.filter(({ told }) => told.includes("ack"));
  assert.equal(refused.length + acknowledged.length, 300);
  assert.equal(sessions(sensor).length, acknowledged.length);
  await bus.close();
});

Deno.test("a worker that is stopped processes what the bus hands over until the bus has nothing left", async () => {
  const bus = new ControllableBus();
  const stream = new MessageStream();
  const draining = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  const subscription: BusSubscription = {
    subject: SUBJECT,
    drain: async () => {
      draining.resolve();
      await drained.promise;
      stream.end();
    },
    [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
  };
  await using sensor = Sensor.start(bus, { durable: () => subscription });
  const [early, late] = ["early", "late"].map((id) => new RecordedMessage(SUBJECT, body(id)));
  stream.push(early!);
  await until("the first is acknowledged", () => early!.settled === "ack");
  sensor.worker.stop("the test says so");
  await draining.promise;
  // A loop that was told to end would have ended by now: it has nothing left.
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  stream.push(late!);
  try {
    await until("the second is acknowledged", () => late!.settled === "ack", 5_000);
  } finally {
    drained.resolve();
  }
  await sensor.finished;
  assert.deepEqual(sessions(sensor), ["early", "late"]);
  await bus.close();
});

Deno.test("messages are kept alive as long as the database fails", async () => {
  const bus = new ControllableBus();
  await using sensor = Sensor.start(bus, { durable: () => bus.durable() });
  sensor.store.database.run("PRAGMA query_only = ON");
  const message = bus.deliver(SUBJECT, body("s1"));
  await until("the server is told that the work goes on", () => message.told.includes("working"));
  assert.equal(message.settled, undefined);
  sensor.store.database.run("PRAGMA query_only = OFF");
  await until("it is acknowledged", () => message.settled === "ack");
  await sensor.stop();
  await bus.close();
});

Deno.test("an event is tried again by itself when another process has learned its address", async () => {
  const bus = new ControllableBus();
  await using sensor = Sensor.start(bus, { pollIntervalMs: 100 });
  const { store, worker } = sensor;
  const envelope = session("s1", { attacker_uuid: null, attacker_ip: "192.0.2.7" });
  await bus.publish([{
    subject: SUBJECT,
    data: new TextEncoder().encode(JSON.stringify(envelope)),
  }]);
  await until("it is parked", () => store.parked.count() === 1);
  store.attackers.learn({ uuid: "a7", ip: "192.0.2.7", at: new Date() });
  await until("it is released", () => worker.counters.total("released") === 1);
  assert.deepEqual(sessions(sensor), ["s1"]);
  await sensor.stop();
  await bus.close();
});

Deno.test("limits on one event hold from the next event on when a setting changes", async () => {
  const bus = new ControllableBus();
  await using sensor = Sensor.start(bus, { durable: () => bus.durable() });
  const flood = (id: string): Uint8Array =>
    new TextEncoder().encode(
      JSON.stringify(session(id, { commands: ["uname -a", "uname -a", "uname -a"] })),
    );
  const whole = bus.deliver(SUBJECT, flood("whole"));
  await until("the first is acknowledged", () => whole.settled === "ack");
  assert.equal(sensor.store.tags.count(), 3);
  sensor.worker.adjust({ eventLimits: { maxChildren: 1, maxTags: 10 } });
  const limited = bus.deliver(SUBJECT, flood("limited"));
  await until("the second is acknowledged", () => limited.settled === "ack");
  assert.equal(sensor.store.tags.count(), 3 + 1 + 1);
  assert.equal(sensor.worker.counters.total("children_beyond_limit"), 2);
  await sensor.stop();
  await bus.close();
});

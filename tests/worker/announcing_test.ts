import assert from "assert";
import { decodeEnvelope } from "../../lib/bus/envelope.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { ControllableBus } from "../harness/controllable_bus.ts";
import { Sensor, type SensorOptions } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";

const SHADOW = "cat /etc/shadow";

/** A worker on a bus whose answers the test decides. */
function started(options: SensorOptions = {}): { bus: ControllableBus; sensor: Sensor } {
  const bus = new ControllableBus();
  return { bus, sensor: Sensor.start(bus, { durable: () => bus.durable(), ...options }) };
}

function deliver(bus: ControllableBus, session: string, commands: readonly string[]) {
  const { subject, data } = sessionEvent(session, commands);
  return bus.deliver(subject, data);
}

/** Payloads of the announcements that the bus took on a subject. */
function takenOn(bus: ControllableBus, subject: string) {
  return bus.taken.filter((message) => message.subject === subject).map(({ data }) => {
    const decoded = decodeEnvelope(data);
    assert.ok(decoded.ok);
    return decoded.envelope.payload;
  });
}

Deno.test("the last counts of what was held back are announced when the worker stops", async () => {
  const { bus, sensor } = started({ announcementsPerMinute: 1 });
  await using _sensor = sensor;
  const commands = (from: number) =>
    Array.from({ length: 5 }, (_, index) => `${SHADOW} # ${from + index}`);
  const first = deliver(bus, "s1", commands(0));
  await until("the first is acknowledged", () => first.settled === "ack");
  await until(
    "something held back is announced",
    () => takenOn(bus, "ttp.rule.suppressed").length > 0,
  );
  // Within the same minute: these counts are due at the end at the earliest.
  const second = deliver(bus, "s2", commands(5));
  await until("the second is acknowledged", () => second.settled === "ack");
  const { worker, store } = sensor;
  await sensor.stop();
  const counts = takenOn(bus, "ttp.rule.suppressed").map(({ count }) => Number(count));
  const told = counts.reduce((sum, count) => sum + count, 0);
  assert.equal(told, worker.counters.total("suppressed"));
  assert.ok(told > counts[0]!, `${counts}`);
  assert.equal(store.outbox.count(), 0);
});

Deno.test("a bus that refuses every announcement costs no event, and all are announced once it takes them", async () => {
  const { bus, sensor } = started();
  await using _sensor = sensor;
  const { store, worker } = sensor;
  bus.refuse("ttp.>");
  const messages = Array.from({ length: 200 }, (_, index) => deliver(bus, `s${index}`, [SHADOW]));
  await until("all are acknowledged", () => messages.every(({ settled }) => settled === "ack"));
  await until("all announcements are set aside", () => {
    const { messages: setAside } = store.outbox.setAside.size();
    return setAside >= 2 * store.tags.count() && store.outbox.size().messages === 0;
  });
  assert.match(worker.health.report().reason ?? "", /outbox: .*not let this user publish to ttp\./);
  assert.deepEqual(store.deadLetters.count(), 0);
  bus.accept();
  bus.disconnect();
  bus.connect();
  await until("all is announced", () => store.outbox.count() === 0);
  const announced = takenOn(bus, "ttp.tagged").flatMap(({ tag_uuids }) => tag_uuids as string[]);
  assert.equal(announced.length, store.tags.count());
  assert.equal(new Set(announced).size, store.tags.count());
  await until("it is well again", () => worker.health.report().state === "ok");
});

Deno.test("an event is acknowledged while the bus hangs, and its announcement waits on disk", async () => {
  const { bus, sensor } = started();
  await using _sensor = sensor;
  bus.hold();
  const message = deliver(bus, "s1", [SHADOW]);
  await until("it is acknowledged", () => message.settled === "ack");
  await until(
    "its announcement is on its way",
    () => bus.tried.some(({ subject }) => subject === "ttp.tagged"),
  );
  assert.ok(sensor.store.outbox.count() > 0);
  bus.release();
  await until("it is announced", () => sensor.store.outbox.count() === 0);
});

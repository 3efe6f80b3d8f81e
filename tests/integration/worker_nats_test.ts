import assert from "assert";
import type { NatsBus } from "../../lib/bus/nats/nats.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { fixtureEvents, fixtureLines, sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { Sensor } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";

/** A worker and a publisher, each with its own connection to one server. */
async function connected(
  url: string,
  work: (parties: { sensor: Sensor; publisher: NatsBus; listener: Listener }) => Promise<void>,
): Promise<void> {
  await using publisher = natsBus({ servers: url });
  await using bus = natsBus({ servers: url });
  await reaches(publisher, "connected");
  await reaches(bus, "connected");
  const listener = new Listener(publisher);
  await using sensor = Sensor.start(bus);
  // Subscriptions are in force once the server has confirmed what came after them.
  await bus.publish([]);
  await publisher.publish([]);
  await work({ sensor, publisher, listener });
  await sensor.stop();
  await listener.close();
}

Deno.test("every event of the fixtures becomes rows and announcements, once however often it comes", async () => {
  await using server = await NatsServer.start();
  await connected(server.url, async ({ sensor, publisher, listener }) => {
    const { worker, store } = sensor;
    const events = fixtureEvents();
    await publisher.publish(events);
    await until(
      "all events are worked off",
      () => worker.counters.total("events") === events.length,
    );
    await until("all tags are announced", () => store.outbox.count() === 0);
    await until(
      "the announcements have arrived",
      () => listener.taggedUuids.length === store.tags.count(),
    );
    assert.ok(store.tags.count() > 15, `${store.tags.count()} tags`);
    assert.equal(store.parked.count(), 0);
    assertAnnounced(sensor, listener);

    const [rows, messages] = [store.tags.count(), listener.heard.length];
    await publisher.publish(events);
    await until(
      "all events are worked off again",
      () => worker.counters.total("events") === 2 * events.length,
    );
    await publisher.publish([sessionEvent("last", ["cat /etc/shadow"])]);
    await until("the last session is announced", () => listener.taggedUuids.length > rows);
    const late = listener.heard.slice(messages);
    assert.deepEqual(late.filter(({ payload }) => payload["session_id"] !== "last"), []);
    assert.equal(store.tags.count(), listener.taggedUuids.length);
  });
});

/** Every tag is named by one `ttp.tagged` and by the message of its technique. */
function assertAnnounced({ store }: Sensor, listener: Listener): void {
  const named = listener.taggedUuids;
  assert.equal(new Set(named).size, named.length);
  for (const uuid of named) {
    const tag = store.tags.get(uuid);
    assert.ok(tag !== undefined, uuid);
    const fired = listener.on(`ttp.rule.fired.${tag.techniqueId}`);
    assert.ok(fired.some(({ payload }) => (payload["tag_uuids"] as string[]).includes(uuid)), uuid);
  }
}

Deno.test("a worker that is started before the server connects by itself", async () => {
  const server = await NatsServer.start();
  await server.stop();
  try {
    await using bus = natsBus({ servers: server.url });
    await using sensor = Sensor.start(bus);
    await until("it is degraded", () => sensor.worker.health.report().state === "degraded");
    await server.restart();
    await reaches(bus, "connected");
    await bus.publish([sessionEvent("s1", ["cat /etc/shadow"])]);
    await until("the session is tagged", () => sensor.store.tags.count() > 0);
    assert.deepEqual(sensor.worker.health.report(), { state: "ok" });
    await sensor.stop();
  } finally {
    await server[Symbol.asyncDispose]();
  }
});

Deno.test("no line of malformed input stops the worker, and each one is counted", async () => {
  await using server = await NatsServer.start();
  await connected(server.url, async ({ sensor, publisher }) => {
    const encoder = new TextEncoder();
    const lines = [...fixtureLines("malformed.jsonl"), "", "\0", '{"payload":'];
    await publisher.publish(lines.map((line) => ({
      subject: "attacker.session.ended",
      data: encoder.encode(line),
    })));
    await publisher.publish([sessionEvent("after", ["cat /etc/shadow"])]);
    const { counters } = sensor.worker;
    await until("everything is counted", () => {
      const seen = counters.total("events") + counters.total("dead_lettered");
      return seen === lines.length + 1;
    });
    assert.equal(sensor.store.deadLetters.count(), counters.total("dead_lettered"));
    assert.ok(counters.total("dead_lettered") >= 7, `${counters.total("dead_lettered")}`);
    assert.ok(counters.total("future_version") === 1);
    await until("the session after it is tagged", () => sensor.store.tags.count() > 0);
  });
});

Deno.test("an event of an unknown address waits, and is tagged once the address is known", async () => {
  await using server = await NatsServer.start();
  await connected(server.url, async ({ sensor, publisher }) => {
    const { store, worker } = sensor;
    const address = { attacker_ip: "203.0.113.99" };
    await publisher.publish([sessionEvent("early", ["cat /etc/shadow"], address)]);
    await until("it is parked", () => store.parked.count() === 1);
    assert.equal(store.tags.count(), 0);
    await publisher.publish([
      sessionEvent("late", [], { attacker_uuid: "attacker-9", ...address }),
    ]);
    await until("it is released", () => worker.counters.total("released") === 1);
    assert.equal(store.parked.count(), 0);
    assert.ok(store.tags.count() > 0);
  });
});

Deno.test("with trust a stop that comes over the bus ends the worker after everything before it", async () => {
  await using server = await NatsServer.start();
  await using bus = natsBus({ servers: server.url });
  await using publisher = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  await reaches(publisher, "connected");
  await using sensor = Sensor.start(bus, { trustControl: true });
  await bus.publish([]);
  const order = (action: string) => ({
    subject: "system.ttp.control",
    data: new TextEncoder().encode(JSON.stringify({ payload: { action, requested_by: "test" } })),
  });
  await publisher.publish([order("dance"), sessionEvent("s1", ["cat /etc/shadow"]), order("stop")]);
  await sensor.finished;
  assert.ok(sensor.store.tags.count() > 0);
  assert.equal(sensor.store.outbox.count(), 0);
});

import assert from "assert";
import { MemoryBus } from "../../lib/bus/memory.ts";
import { Store } from "../../lib/store/store.ts";
import { DatabaseFile } from "../../lib/worker/health/database_file.ts";
import { natsBus, reaches } from "../bus/nats/medium.ts";
import { sessionEvent } from "../harness/fixture_events.ts";
import { Listener } from "../harness/listener.ts";
import { NatsServer } from "../harness/nats_server.ts";
import { Sensor, type SensorOptions } from "../harness/sensor.ts";
import { until } from "../harness/until.ts";

const SHADOW = "cat /etc/shadow";

/** A worker on a bus without a server, for faults of the disk and of the clock. */
async function onMemory(
  options: SensorOptions,
  work: (parties: { sensor: Sensor; bus: MemoryBus; listener: Listener }) => Promise<void>,
): Promise<void> {
  const bus = new MemoryBus();
  const listener = new Listener(bus);
  {
    await using sensor = Sensor.start(bus, options);
    await work({ sensor, bus, listener });
  }
  await bus.close();
  await listener.close();
}

Deno.test("a full disk loses nothing: the worker says that it is degraded and goes on when there is room", async () => {
  const openStore = (path: string) => Store.open(path, { maxPages: 120 });
  await onMemory({ openStore }, async ({ sensor, bus, listener }) => {
    const { store, worker } = sensor;
    const sessions = Array.from({ length: 400 }, (_, i) => sessionEvent(`s${i}`, [SHADOW]));
    await bus.publish(sessions);
    await until("the disk is full", () => worker.health.report().state === "degraded");
    assert.match(worker.health.report().reason ?? "", /^store: .*full; make room on the disk/);
    assert.ok(store.tags.count() < sessions.length);
    store.database.run("PRAGMA max_page_count = 1000000");
    await until("every session is tagged", () => store.tags.count() >= sessions.length);
    await until("all is announced", () => listener.taggedUuids.length === store.tags.count());
    assert.deepEqual(worker.health.report(), { state: "ok" });
    assert.equal(worker.counters.total("events"), sessions.length);
  });
});

Deno.test("a database that another process holds is waited for", async () => {
  const openStore = (path: string) => Store.open(path, { busyTimeoutMs: 50 });
  await onMemory({ openStore }, async ({ sensor, bus, listener }) => {
    const { store, worker } = sensor;
    using other = Store.open(sensor.database);
    other.database.run("BEGIN IMMEDIATE");
    await bus.publish([sessionEvent("s1", [SHADOW])]);
    await until("it is degraded", () => worker.health.report().state === "degraded");
    assert.match(worker.health.report().reason ?? "", /another process holds the database/);
    other.database.run("ROLLBACK");
    await until("the session is tagged", () => store.tags.count() > 0);
    await until("it is announced", () => listener.taggedUuids.length > 0);
    assert.deepEqual(worker.health.report(), { state: "ok" });
  });
});

Deno.test("nothing is written into a database that is no longer at its path, until it is back", async () => {
  await onMemory({}, async ({ sensor, bus, listener }) => {
    const { store, worker, database } = sensor;
    new DatabaseFile(store);
    await bus.publish([sessionEvent("s1", [SHADOW])]);
    await until("the session is tagged", () => store.tags.count() > 0);
    await until("it is announced", () => listener.taggedUuids.length === store.tags.count());
    const before = store.tags.count();
    await Deno.rename(database, `${database}.moved`);
    await bus.publish([sessionEvent("s2", [SHADOW])]);
    await until("it is degraded", () => worker.health.report().state === "degraded");
    assert.match(worker.health.report().reason ?? "", /was moved, removed or replaced/);
    assert.equal(store.tags.count(), before);
    assert.equal(worker.counters.total("events"), 1);
    await Deno.rename(`${database}.moved`, database);
    await until("the session is tagged", () => store.tags.count() > before);
    await until("it is announced", () => listener.taggedUuids.length === store.tags.count());
    assert.deepEqual(worker.health.report(), { state: "ok" });
  });
});

Deno.test("a database that fails between a batch and the word of what was held back ends nothing", async () => {
  await onMemory({ announcementsPerMinute: 1 }, async ({ sensor, bus, listener }) => {
    const { store, worker } = sensor;
    store.database.run(
      `CREATE TEMP TRIGGER no_room BEFORE INSERT ON outbox
        WHEN NEW.messages LIKE '% ttp.rule.suppressed %' BEGIN SELECT RAISE(ABORT, 'no room'); END`,
    );
    await bus.publish(["s1", "s2", "s3"].map((id) => sessionEvent(id, [SHADOW])));
    await until("it is degraded", () => worker.health.report().state === "degraded");
    assert.match(worker.health.report().reason ?? "", /^store: .*no room/);
    await bus.publish([sessionEvent("later", [SHADOW])]);
    await until("the loop has gone on", () => worker.counters.total("events") === 4);
    store.database.run("DROP TRIGGER no_room");
    const told = () => listener.on("ttp.rule.suppressed");
    await until("what was held back is told", () => told().length > 0);
    assert.ok(Number(told()[0]?.payload["count"]) >= 3);
    await until("it is well", () => worker.health.report().state === "ok");
  });
});

Deno.test("poison in a batch is set aside and the rest of the batch is kept", async () => {
  await onMemory({}, async ({ sensor, bus }) => {
    const { store, worker } = sensor;
    const poison = { subject: "attacker.session.ended", data: new Uint8Array([0xff, 0x00]) };
    const messages = Array.from(
      { length: 3000 },
      (_, i) => i % 3 === 0 ? sessionEvent(`s${i}`, [SHADOW]) : poison,
    );
    await bus.publish(messages);
    await until("all is counted", () => {
      const { counters } = worker;
      return counters.total("events") + counters.total("dead_lettered") === messages.length;
    });
    assert.equal(worker.counters.total("events"), 1000);
    assert.equal(store.deadLetters.count(), 2000);
    assert.ok(store.tags.count() >= 1000);
  });
});

Deno.test("an event that cannot be written leaves nothing, and the rest of its batch is kept and told once", async () => {
  await onMemory({ announcementsPerMinute: 0 }, async ({ sensor, bus, listener }) => {
    const { store, worker } = sensor;
    // Refused where its second rule is written, so that there is something of it to undo.
    store.database.run(
      `CREATE TEMP TRIGGER refused BEFORE INSERT ON tag
        WHEN NEW.label IN (SELECT id FROM label WHERE rule_id = 'R0019')
          AND (SELECT source_id FROM event WHERE id = NEW.event) LIKE 'bad%'
        BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
    const sessions = Array.from(
      { length: 900 },
      (_, i) => sessionEvent(i % 300 === 150 ? `bad${i}` : `s${i}`, ["id; cat /etc/shadow"]),
    );
    await bus.publish(sessions);
    await until("all is worked off", () => worker.counters.total("dead_lettered") === 3);
    await until(
      "the rest is tagged",
      () => worker.counters.total("events") === sessions.length,
    );
    const topics = store.deadLetters.list(10).map(({ reason }) => reason);
    assert.equal(topics.length, 3);
    for (const reason of topics) assert.match(reason, /refused/);
    const tags = store.database.prepare("SELECT uuid, session_id AS session FROM ttp_tag")
      .all<{ uuid: string; session: string }>();
    assert.deepEqual(tags.filter(({ session }) => session.startsWith("bad")), []);
    assert.equal(new Set(tags.map(({ session }) => session)).size, sessions.length - 3);
    await until("all is announced", () => listener.taggedUuids.length >= tags.length);
    assert.deepEqual(listener.taggedUuids.toSorted(), tags.map(({ uuid }) => uuid).toSorted());
  });
});

Deno.test("a message of a megabyte is worked off, and one that is too large is set aside", async () => {
  await onMemory({}, async ({ sensor, bus }) => {
    const filler = "x".repeat(1024);
    const commands = [...Array.from({ length: 1000 }, () => `echo ${filler}`), SHADOW];
    await bus.publish([
      sessionEvent("large", commands),
      sessionEvent("too-large", [...Array(9 * 1024).fill(filler), SHADOW]),
    ]);
    await until("the large one is tagged", () => sensor.store.tags.count() > 0);
    await until("the other is set aside", () => sensor.store.deadLetters.count() === 1);
    const [letter] = sensor.store.deadLetters.list(1);
    assert.equal(letter?.reason, "too_large");
    assert.ok((letter?.excerpt.length ?? Infinity) <= 4096);
  });
});

Deno.test("a clock that jumps both ways changes neither what is tagged nor what is announced", async () => {
  const hour = 3_600_000;
  let clock = Date.UTC(2026, 5, 1);
  await onMemory({ now: () => clock }, async ({ sensor, bus, listener }) => {
    const { store } = sensor;
    let expected = 0;
    for (const jump of [0, 48 * hour, -96 * hour, 24 * 365 * hour, -24 * 700 * hour]) {
      clock += jump;
      await bus.publish([sessionEvent(`at-${jump}`, [SHADOW])]);
      await until("the session is tagged", () => store.tags.count() > expected);
      await until("it is announced", () => listener.taggedUuids.length === store.tags.count());
      expected = store.tags.count();
    }
    assert.equal(store.outbox.count(), 0);
  });
});

Deno.test("an event that waits does not grow old by a clock that is set", async () => {
  let clock = Date.UTC(1990, 0, 1);
  await onMemory({ now: () => clock, pollIntervalMs: 20 }, async ({ sensor, bus }) => {
    const { store } = sensor;
    const address = { attacker_ip: "203.0.113.99" };
    await bus.publish([sessionEvent("early", [SHADOW], address)]);
    await until("it is parked", () => store.parked.count() === 1);
    clock = Date.UTC(2026, 5, 1);
    const isRedated = () =>
      store.parked.byIp(address.attacker_ip, 1)[0]?.firstSeen.startsWith("2026");
    await until("its time is moved along", () => isRedated() === true);
    await bus.publish([sessionEvent("late", [], { attacker_uuid: "attacker-9", ...address })]);
    await until("it is tagged", () => store.tags.count() > 0);
    assert.equal(sensor.worker.counters.total("parked_expired"), 0);
  });
});

Deno.test("announcements wait on disk while the server is away, and are sent in order when it is back", async () => {
  await using server = await NatsServer.start();
  await using publisher = natsBus({ servers: server.url });
  await using bus = natsBus({ servers: server.url });
  await reaches(publisher, "connected");
  await reaches(bus, "connected");
  await using sensor = Sensor.start(bus);
  const listener = new Listener(publisher);
  await bus.publish([]);
  await publisher.publish([sessionEvent("s0", [SHADOW])]);
  await until("the first is announced", () => listener.taggedUuids.length > 0);

  await server.kill();
  await until("the worker knows", () => sensor.worker.health.report().state === "degraded");
  sensor.store.outbox.add(
    Array.from({ length: 1500 }, (_, i) => ({
      id: `id-${i}`,
      subject: "ttp.tagged",
      payload: JSON.stringify({ payload: { tag_uuids: [`tag-${i}`] } }),
    })),
    new Date(),
  );
  await server.restart();
  await reaches(publisher, "connected");
  await publisher.publish([]);
  await until("everything has been sent", () => sensor.store.outbox.count() === 0);
  // The listener has to come back too; what was sent before it had is for those who listened.
  assert.ok(sensor.worker.counters.total("announced") >= 1500);
  const waited = listener.taggedUuids.filter((uuid) => uuid.startsWith("tag-"));
  const order = [...new Set(waited)].map((uuid) => Number(uuid.slice(4)));
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
  await sensor.stop();
  await listener.close();
});

Deno.test("what waits in the outbox survives the end of the process", async () => {
  const bus = new MemoryBus();
  const path = await Deno.makeTempFile();
  await Deno.remove(path);
  {
    using store = Store.open(path);
    const payload = JSON.stringify({ payload: { tag_uuids: ["left-behind"] } });
    store.outbox.add([{ id: "id-1", subject: "ttp.tagged", payload }], new Date());
  }
  const listener = new Listener(bus);
  await using sensor = Sensor.start(bus, { openStore: () => Store.open(path) });
  await until("it is sent", () => listener.taggedUuids.includes("left-behind"));
  assert.equal(sensor.store.outbox.count(), 0);
  await sensor.stop();
  await bus.close();
  await listener.close();
  for (const suffix of ["", "-wal", "-shm"]) {
    await Deno.remove(path + suffix).catch(() => {});
  }
});

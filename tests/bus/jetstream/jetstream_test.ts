import assert from "assert";
import { jetstreamManager } from "nats/jetstream";
import { BusError, type BusMessage, type BusSubscription } from "../../../lib/bus/bus.ts";
import type { GivenUpMessage } from "../../../lib/bus/jetstream/advisory.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { publication, take } from "../bus_contract.ts";
import { setUp, streamBus } from "./medium.ts";
import { EventLog, natsBus, reaches } from "../nats/medium.ts";

const SESSION = "attacker.session.ended";
const text = ({ data }: BusMessage) => new TextDecoder().decode(data);

/** Reads one after the other without leaving the subscription. */
function reader(subscription: BusSubscription): (count: number) => Promise<BusMessage[]> {
  const messages = subscription[Symbol.asyncIterator]();
  return async (count) => {
    const taken: BusMessage[] = [];
    while (taken.length < count) taken.push((await messages.next()).value);
    return taken;
  };
}

Deno.test("an event published while no worker runs is delivered, and once acknowledged never again", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 200 } });
  await using honeypot = natsBus({ servers: server.url });
  await reaches(honeypot, "connected");
  await honeypot.publish([publication(SESSION, "1"), publication("email.received", "2")]);
  {
    await using worker = streamBus(server.url);
    const messages = await take(worker.durable(), 2);
    assert.deepEqual(messages.map(text), ["1", "2"]);
    assert.deepEqual(messages.map(({ subject }) => subject), [SESSION, "email.received"]);
    messages[0]!.ack();
    // The second is not: it comes again.
    await worker.publish([]);
  }
  await using worker = streamBus(server.url);
  const read = reader(worker.durable());
  const [again] = await read(1);
  assert.equal(text(again!), "2");
  again!.ack();
  await honeypot.publish([publication("canary.tok.triggered", "3")]);
  assert.deepEqual((await read(1)).map(text), ["3"]);
});

Deno.test("a refused event comes again after its delay, one in work does not", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 400 } });
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  await bus.publish([publication(SESSION, "held"), publication(SESSION, "refused")]);
  const read = reader(bus.durable());
  const [held, refused] = await read(2);
  const alive = setInterval(() => held!.working(), 50);
  try {
    for (let round = 0, message = refused!; round < 10; round++) {
      assert.equal(text(message), "refused");
      message.nak(100);
      [message] = await read(1) as [BusMessage];
    }
  } finally {
    clearInterval(alive);
  }
  held!.ack();
});

Deno.test("an event given up is not delivered again and is no news to the one who gave it up", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 100, maxDeliver: 1 } });
  const handed = Promise.withResolvers<GivenUpMessage>();
  await using bus = streamBus(server.url, { onGivenUp: handed.resolve });
  await reaches(bus, "connected");
  await bus.publish([publication(SESSION, "poison"), publication(SESSION, "forgotten")]);
  const read = reader(bus.durable());
  const [poison] = await read(2);
  poison!.term("not\njson");
  poison!.nak(1);
  await bus.publish([publication(SESSION, "next")]);
  assert.deepEqual((await read(1)).map(text), ["next"]);
  // Advisories come in order: that of the poison was before this one.
  const { cause, sequence } = await handed.promise;
  assert.deepEqual([cause, sequence], ["max_deliveries", 2]);
});

Deno.test("an event that another worker has given up is handed over", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using worker = streamBus(server.url);
  await reaches(worker, "connected");
  await worker.publish([publication(SESSION, "poison")]);
  const [poison] = await take(worker.durable(), 1);
  poison!.term("not json");
  const handed = Promise.withResolvers<GivenUpMessage>();
  let failures = 0;
  await using other = streamBus(server.url, {
    onGivenUp: (givenUp) => {
      if (failures++ === 0) throw new Error("the disk is full");
      handed.resolve(givenUp);
    },
    retryGivenUpMs: 10,
  });
  await reaches(other, "connected");
  const { cause, message } = await handed.promise;
  assert.equal(cause, "terminated");
  assert.equal(new TextDecoder().decode(message?.data), "poison");
});

Deno.test("what the server gives up on is handed over with its body, even later", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { prefix: "site", limits: { ackWaitMs: 100, maxDeliver: 2 } });
  {
    await using worker = streamBus(server.url, { prefix: "site" });
    await reaches(worker, "connected");
    await worker.publish([publication("canary.tok.triggered", "deadly")]);
    const read = reader(worker.durable());
    await read(2);
    await worker.publish([publication("canary.tok.triggered", "good")]);
    // The server says it when it would have delivered again.
    const [good] = await read(1);
    assert.equal(text(good!), "good");
    good!.ack();
    await worker.publish([]);
  }
  const handed = Promise.withResolvers<GivenUpMessage>();
  await using worker = streamBus(server.url, { prefix: "site", onGivenUp: handed.resolve });
  await reaches(worker, "connected");
  const { message, ...said } = await handed.promise;
  assert.deepEqual(said, { cause: "max_deliveries", stream: "DECNET", sequence: 1, deliveries: 2 });
  assert.equal(message?.subject, "canary.tok.triggered");
  assert.equal(new TextDecoder().decode(message?.data), "deadly");
});

Deno.test("several workers share the events of one consumer", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using one = streamBus(server.url, { budget: { messages: 10, bytes: 1_000_000 } });
  await using two = streamBus(server.url, { budget: { messages: 10, bytes: 1_000_000 } });
  await Promise.all([reaches(one, "connected"), reaches(two, "connected")]);
  const subscriptions = [one.durable(), two.durable()];
  const seen = new Map<string, number>();
  const shares = subscriptions.map(async (subscription) => {
    let share = 0;
    for await (const message of subscription) {
      message.ack();
      share++;
      seen.set(text(message), (seen.get(text(message)) ?? 0) + 1);
      if (seen.size === 500) { for (const other of subscriptions) await other.drain(); }
    }
    return share;
  });
  await one.publish(Array.from({ length: 500 }, (_, index) => publication(SESSION, `${index}`)));
  const counts = await Promise.all(shares);
  assert.equal(counts.reduce((sum, count) => sum + count), 500);
  assert.ok(counts.every((count) => count > 0), `shares ${counts}`);
});

Deno.test("an announcement is in its stream once it is confirmed, and only once when repeated", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { prefix: "site" });
  await using bus = streamBus(server.url, { prefix: "site" });
  await reaches(bus, "connected");
  const listener = bus.subscribe("ttp.tagged");
  const announcement = { ...publication("ttp.tagged", "1"), msgId: "id-1" };
  await bus.publish([publication("system.ttp.health", "up"), announcement]);
  await bus.publish([announcement, { ...publication("ttp.tagged", "2"), msgId: "id-2" }]);
  const manager = await jetstreamManager(bus.link!.connection);
  assert.equal((await manager.streams.info("DECNET-TTP")).state.messages, 2);
  // Outside of streams nobody drops the repetition.
  assert.deepEqual((await take(listener, 3)).map(text), ["1", "1", "2"]);
});

Deno.test("an announcement that the stream does not take is not confirmed", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const manager = await jetstreamManager(bus.link!.connection);
  await manager.streams.update("DECNET-TTP", { max_msg_size: 10 });
  await bus.publish([publication("ttp.tagged", "small")]);
  const outcomes = await bus.publish(
    ["small", "far too large", "again"].map((body) => publication("ttp.tagged", body)),
  );
  assert.deepEqual(outcomes.map(({ status }) => status), ["confirmed", "refused", "confirmed"]);
  assert.ok(outcomes[1]?.status === "refused" && outcomes[1].reason === "too_large");
});

Deno.test("a stream that was set up after the connection confirms announcements too", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  const log = new EventLog();
  await using bus = streamBus(server.url, { onEvent: log.listen, onGivenUp: () => {} });
  await reaches(bus, "connected");
  await bus.publish([publication("ttp.tagged", "before")]);
  await setUp(server.url);
  await log.next("jetstream_ready");
  const manager = await jetstreamManager(bus.link!.connection);
  await manager.streams.update("DECNET-TTP", { max_msg_size: 10 });
  const [outcome] = await bus.publish([publication("ttp.tagged", "x".repeat(500))]);
  assert.equal(outcome?.status, "refused");
});

Deno.test("nothing is lost and nothing acknowledged comes again while the server is killed", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 300 } });
  await using bus = streamBus(server.url, { budget: { messages: 20, bytes: 1_000_000 } });
  await reaches(bus, "connected");
  const all = Array.from({ length: 300 }, (_, index) => `event ${index}`);
  await bus.publish(all.map((body) => ({ ...publication(SESSION, body), msgId: body })));
  const seen = new Set<string>();
  const killAt = [50, 150];
  const subscription = bus.durable();
  let restarting = Promise.resolve();
  for await (const message of subscription) {
    message.ack();
    seen.add(text(message));
    if (seen.size === killAt[0]) {
      killAt.shift();
      await restarting;
      restarting = server.kill().then(() => server.restart());
    }
    if (seen.size === all.length) break;
  }
  await restarting;
  assert.deepEqual([...seen].sort(), [...all].sort());
});

Deno.test("more large events than the server can hold for a connection come without losing it", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { maxBytes: 512 * 1024 * 1024 } });
  const log = new EventLog();
  await using bus = streamBus(server.url, { onEvent: log.listen });
  await reaches(bus, "connected");
  const large = Array.from({ length: 10 }, () => publication(SESSION, "x".repeat(1_000_000)));
  for (let i = 0; i < 10; i++) await bus.publish(large);
  const taken = await take(bus.durable(), 100);
  for (const message of taken) message.ack();
  await bus.publish([]);
  const manager = await jetstreamManager(bus.link!.connection);
  const info = await manager.consumers.info("DECNET", "decnet-ttp");
  assert.equal(info.num_redelivered, 0);
  assert.deepEqual(log.events.filter(({ kind }) => kind === "disconnected"), []);
});

Deno.test("a consumer that is missing is reported with what to do, and used once it is there", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  const log = new EventLog();
  await using bus = streamBus(server.url, { onEvent: log.listen });
  const subscription = bus.durable();
  const taking = take(subscription, 1);
  const { reason } = await log.next("jetstream_unavailable", 2);
  assert.match(reason, /nats setup --stream DECNET/);
  await setUp(server.url);
  await log.next("jetstream_ready");
  await bus.publish([publication(SESSION, "1")]);
  assert.deepEqual((await taking).map(text), ["1"]);
});

Deno.test("a server without JetStream leaves the rest of the bus alive", async () => {
  await using server = await NatsServer.start();
  const log = new EventLog();
  await using bus = streamBus(server.url, { onEvent: log.listen });
  const taking = take(bus.durable(), 1);
  const plain = bus.subscribe("attacker.observed");
  await log.next("jetstream_unavailable");
  await using honeypot = natsBus({ servers: server.url });
  await reaches(honeypot, "connected");
  await assert.rejects(bus.publish([publication("ttp.tagged", "1")]), BusError);
  const health = honeypot.subscribe("system.ttp.health");
  await honeypot.publish([]);
  await bus.publish([{ ...publication("system.ttp.health", "ill"), fleeting: true }]);
  assert.deepEqual((await take(health, 1)).map(text), ["ill"]);
  await honeypot.publish([publication("attacker.observed", "1")]);
  assert.deepEqual((await take(plain, 1)).map(text), ["1"]);
  await bus.close();
  assert.deepEqual(await taking, []);
});

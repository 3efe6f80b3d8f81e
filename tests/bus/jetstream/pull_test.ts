import assert from "assert";
import { type ConsumerInfo, jetstreamManager } from "nats/jetstream";
import type { BusMessage } from "../../../lib/bus/bus.ts";
import type { JetStreamBus } from "../../../lib/bus/jetstream/jetstream.ts";
import { NatsProxy } from "../../harness/nats_proxy.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { logUniform, seededRandom } from "../../harness/random.ts";
import { until } from "../../harness/until.ts";
import { publication } from "../bus_contract.ts";
import { EventLog, reaches } from "../nats/medium.ts";
import { NAMES, setUp, streamBus } from "./medium.ts";

const SESSION = "attacker.session.ended";
const PULL_SUBJECT = "$JS.API.CONSUMER.MSG.NEXT.DECNET.";
/** Somebody listens there and says nothing: the server itself would answer that nobody is there. */
const NOWHERE = `LOST.${"x".repeat(PULL_SUBJECT.length - 6)}.`;

async function info(bus: JetStreamBus): Promise<ConsumerInfo> {
  const manager = await jetstreamManager(bus.link!.connection);
  return await manager.consumers.info(NAMES.stream, NAMES.consumer);
}

function sized(bytes: number): { subject: string; data: Uint8Array } {
  return { subject: SESSION, data: new Uint8Array(bytes) };
}

/** Acknowledges what comes until so many have. */
async function acknowledge(
  messages: AsyncIterable<BusMessage>,
  count: number,
  onCount: (taken: number) => void = () => {},
): Promise<void> {
  let taken = 0;
  for await (const message of messages) {
    message.ack();
    taken += 1;
    onCount(taken);
    if (taken === count) return;
  }
}

Deno.test("events of every size come without a pause, however many there are", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const random = seededRandom(1);
  const events = 6_000;
  let taken = 0;
  const taking = acknowledge(bus.durable(), events, (count) => taken = count);
  for (let sent = 0; sent < events; sent += 50) {
    await bus.publish(Array.from({ length: 50 }, () => sized(logUniform(random, 300, 20_000))));
  }
  // A pull that has come to nothing is revived by the client library after some 40 s.
  await until("all of them have come", () => taken === events);
  await taking;
});

Deno.test("what is fetched ahead of the reader is bounded in bytes and in messages", async () => {
  await using server = await NatsServer.start({
    jetstream: true,
    config: "max_payload: 128000",
  });
  await setUp(server.url);
  for (
    const [bytes, count, most] of [[100_000, 40, 10], [100, 400, 50]] as const
  ) {
    await using bus = streamBus(server.url, { budget: { messages: 50, bytes: 1_000_000 } });
    await reaches(bus, "connected");
    for (let sent = 0; sent < count; sent += 10) {
      await bus.publish(Array.from({ length: 10 }, () => sized(bytes)));
    }
    const durable = bus.durable();
    const messages = durable[Symbol.asyncIterator]();
    const { value: first } = await messages.next();
    await until("the server has ended the request", async () => {
      const { num_waiting, num_ack_pending } = await info(bus);
      return num_waiting === 0 && num_ack_pending > 1;
    });
    // The one that was taken made no room worth a request.
    const { num_ack_pending: fetched } = await info(bus);
    assert.ok(fetched >= most / 2 && fetched <= most, `${fetched} messages of ${bytes} bytes`);
    first.ack();
    for (let left = count - 1; left > 0; left--) (await messages.next()).value.ack();
    await until("all are acknowledged", async () => (await info(bus)).num_ack_pending === 0);
    await durable.drain();
  }
});

Deno.test("an event larger than the server takes by now is delivered all the same", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  {
    await using honeypot = streamBus(server.url);
    await reaches(honeypot, "connected");
    await honeypot.publish([sized(900_000), sized(10)]);
  }
  server.config = "max_payload: 1000";
  await server.restart();
  await using bus = streamBus(server.url, { budget: { messages: 50, bytes: 10_000 } });
  await acknowledge(bus.durable(), 2);
});

Deno.test("a subscription whose pull request went astray is made anew while messages wait", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using proxy = new NatsProxy(server.port);
  const log = new EventLog();
  const options = { onEvent: log.listen, pollMs: 20, stalledAfterMs: 200 };
  await using bus = streamBus(proxy.url, options);
  await reaches(bus, "connected");
  const lost = bus.subscribe("LOST.>");
  await bus.publish([]);
  proxy.detour(PULL_SUBJECT, NOWHERE);
  const durable = bus.durable();
  const taking = acknowledge(durable, 3);
  await log.next("jetstream_ready");
  await bus.publish([1, 2, 3].map((body) => publication(SESSION, `${body}`)));
  assert.match((await log.next("jetstream_stalled")).reason, /3 messages wait/);
  proxy.mend();
  await taking;
  assert.ok(durable.restarts >= 1);
  await lost.drain();
  assert.deepEqual(log.events.filter(({ kind }) => kind === "jetstream_unavailable"), []);
});

Deno.test("a subscription that waits for events which do not come is left alone", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url, { pollMs: 5, stalledAfterMs: 20 });
  await reaches(bus, "connected");
  const durable = bus.durable();
  const taking = acknowledge(durable, 1);
  const looks = new Set<unknown>();
  await until("the watch has looked often", () => {
    if (durable.backlog !== undefined) looks.add(durable.backlog);
    return looks.size > 20;
  });
  assert.equal(durable.restarts, 0);
  await bus.publish([publication(SESSION, "1")]);
  await taking;
});

Deno.test("a subscription that is drained yields everything that was on the way", async () => {
  // A message that the server sends in the instant in which the subscription ends goes astray and
  // comes again; that this happens at each of several drains is no accident.
  let astray = Infinity;
  for (let attempt = 0; attempt < 4 && astray > 0; attempt++) astray = await leftBehindByDrain();
  assert.equal(astray, 0);
});

/** Messages that the server still waits for after a drain in the middle of 400. */
async function leftBehindByDrain(): Promise<number> {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  await bus.publish(Array.from({ length: 400 }, () => sized(1000)));
  const durable = bus.durable();
  let draining = Promise.resolve();
  let yielded = 0;
  for await (const message of durable) {
    draining = durable.drain();
    message.ack();
    yielded++;
  }
  await draining;
  // What went astray would stay in work until the server's patience of 30 s is over.
  const left = async (): Promise<number> => {
    const { num_ack_pending, num_pending } = await info(bus);
    return 400 - num_pending - yielded === num_ack_pending ? num_ack_pending : Infinity;
  };
  await until("the acknowledgements have arrived", async () => await left() < Infinity);
  return await left();
}

Deno.test("what is held ahead of a reader that stands still is not delivered again", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 300 } });
  await using bus = streamBus(server.url, { pollMs: 30 });
  await reaches(bus, "connected");
  await bus.publish(Array.from({ length: 5 }, () => sized(10)));
  const messages = bus.durable()[Symbol.asyncIterator]();
  const { value: first } = await messages.next();
  first.ack();
  // Another consumer that neglects its message tells when the patience of the server is over.
  const manager = await jetstreamManager(bus.link!.connection);
  const neglected = { durable_name: "neglected", ack_wait: 300_000_000, max_deliver: 4 };
  const config = (await info(bus)).config;
  await manager.consumers.add(NAMES.stream, { ...config, name: "neglected", ...neglected });
  await using other = streamBus(server.url, {}, { ...NAMES, consumer: "neglected" });
  let deliveries = 0;
  for await (const _ of other.durable()) if (++deliveries === 15) break;
  assert.equal((await info(bus)).num_redelivered, 0);
  for (let left = 4; left > 0; left--) (await messages.next()).value.ack();
  await messages.return!(undefined);
});

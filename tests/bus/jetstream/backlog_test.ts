import assert from "assert";
import { BacklogReader } from "../../../lib/bus/jetstream/backlog.ts";
import { checkJetStream } from "../../../lib/bus/jetstream/setup.ts";
import { DEFAULT_LIMITS } from "../../../lib/bus/jetstream/plan.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { until } from "../../harness/until.ts";
import { publication } from "../bus_contract.ts";
import { reaches } from "../nats/medium.ts";
import { NAMES, setUp, streamBus } from "./medium.ts";

const SESSION = "attacker.session.ended";
const ADDRESS = { stream: NAMES.stream, consumer: NAMES.consumer };

Deno.test("the backlog is what waits, what is in work, and when the oldest of it came", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url, { budget: { messages: 2, bytes: 1_000_000 } });
  await reaches(bus, "connected");
  const reader = new BacklogReader(bus.link!, ADDRESS, 5_000);
  const counts = async () => {
    const { pending, ackPending } = await reader.read();
    return [pending, ackPending];
  };
  assert.deepEqual(await counts(), [0, 0]);
  assert.equal((await reader.read()).oldestAt, undefined);
  const before = Date.now();
  await bus.publish([publication(SESSION, "1")]);
  const between = Date.now();
  await bus.publish(["2", "3", "4", "5"].map((body) => publication(SESSION, body)));
  assert.deepEqual(await counts(), [5, 0]);
  const first = (await reader.read()).oldestAt!;
  assert.ok(first >= before - 1 && first <= between + 1, "the first is the oldest");
  const messages = bus.durable()[Symbol.asyncIterator]();
  const { value: one } = await messages.next();
  const { value: two } = await messages.next();
  two.ack();
  await until("one is in work less", async () => (await reader.read()).pending <= 3);
  assert.equal((await reader.read()).oldestAt, first, "the second alone is settled");
  one.ack();
  await until("the next is the oldest", async () => (await reader.read()).oldestAt! > first);
  for (let left = 3; left > 0; left--) (await messages.next()).value.ack();
  await until("nothing waits", async () => `${await counts()}` === "0,0");
  assert.equal((await reader.read()).oldestAt, undefined);
  await messages.return!(undefined);
});

Deno.test("what the server gave up on does not count as the oldest message for ever", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { limits: { ackWaitMs: 100, maxDeliver: 1 } });
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const reader = new BacklogReader(bus.link!, ADDRESS, 5_000);
  const durable = bus.durable();
  const messages = durable[Symbol.asyncIterator]();
  await bus.publish([publication(SESSION, "deadly")]);
  await messages.next();
  await until("it is given up", async () => (await reader.read()).ackPending === 0);
  const after = Date.now();
  await bus.publish([publication(SESSION, "good")]);
  const { oldestAt = Infinity } = await reader.read();
  assert.ok(oldestAt >= after - 1, `${after - oldestAt} ms before the good one`);
  (await messages.next()).value.ack();
  await messages.return!(undefined);
});

Deno.test("a subscription knows its backlog, and that it knows nothing without a server", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url, { pollMs: 10 });
  await reaches(bus, "connected");
  const durable = bus.durable();
  const messages = durable[Symbol.asyncIterator]();
  const next = messages.next();
  await bus.publish([1, 2, 3].map((body) => publication(SESSION, `${body}`)));
  await next;
  await until("it knows of three", () => durable.backlog?.ackPending === 3);
  assert.equal(bus.delivery, durable);
  await server.kill();
  // The reader asks for what is held, then for more.
  await messages.next();
  await messages.next();
  const later = messages.next();
  await until("it knows of nothing", () => durable.backlog === undefined);
  await server.restart();
  await until("it knows again", () => durable.backlog?.ackPending === 3);
  await bus.publish([publication(SESSION, "4")]);
  await later;
  await messages.return!(undefined);
});

Deno.test("a message that has waited for too long is a finding, with its age", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  await bus.publish([publication(SESSION, "1")]);
  const plan = { names: NAMES, prefix: "", limits: DEFAULT_LIMITS };
  const inTwoMinutes = () => Date.now() + 120_000;
  const found = async (maxLagMs?: number) => {
    const limit = { now: inTwoMinutes, ...(maxLagMs !== undefined && { maxLagMs }) };
    return (await checkJetStream(bus.link!, plan, limit))[1]!;
  };
  const fine = await found();
  assert.ok(fine.ok);
  assert.match(fine.detail, /^1 waiting, 0 in work, the oldest for 12\d s$/);
  assert.ok((await found(200_000)).ok);
  const late = await found(60_000);
  assert.ok(!late.ok);
  assert.match(late.detail, /the oldest for 12\d s, and 60 s are allowed; see that a worker runs/);
});

import assert from "assert";
import { DiscardPolicy, jetstreamManager } from "nats/jetstream";
import { BusError, type Publication } from "../../../lib/bus/bus.ts";
import { AcknowledgedPublisher } from "../../../lib/bus/jetstream/acknowledged_publisher.ts";
import type { JetStreamBus } from "../../../lib/bus/jetstream/jetstream.ts";
import type { PublishOutcome } from "../../../lib/bus/publish_outcome.ts";
import { NatsProxy } from "../../harness/nats_proxy.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { publication } from "../bus_contract.ts";
import { EventLog, natsBus, reaches } from "../nats/medium.ts";
import { setUp, streamBus } from "./medium.ts";

const STREAM = "DECNET-TTP";

const named = (subject: string, msgId: string): Publication => ({
  ...publication(subject, msgId),
  msgId,
});
const short = (outcomes: readonly PublishOutcome[]) =>
  outcomes.map((outcome) => outcome.status === "refused" ? outcome.reason : outcome.status);
const manager = (bus: JetStreamBus) => jetstreamManager(bus.link!.connection);
const stored = async (bus: JetStreamBus) =>
  (await (await manager(bus)).streams.info(STREAM)).state.messages;

/** A server on which user `u` may not do what the permissions leave out. */
function restricted(permissions: string): Promise<NatsServer> {
  return NatsServer.start({
    jetstream: true,
    config: `no_auth_user: all
      authorization { users: [
        { user: all, password: p },
        { user: u, password: p, permissions: ${permissions} },
      ] }`,
  });
}
const as = (server: NatsServer) => server.url.replace("nats://", "nats://u:p@");

Deno.test("thousands of messages, in publications at once, are each stored and confirmed", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const batches = Array.from(
    { length: 8 },
    (_, batch) => Array.from({ length: 500 }, (_, at) => named("ttp.tagged", `${batch}-${at}`)),
  );
  const outcomes = await Promise.all(batches.map((messages) => bus.publish(messages)));
  assert.equal(outcomes.flat().filter(({ status }) => status === "confirmed").length, 4_000);
  assert.equal(await stored(bus), 4_000);
});

Deno.test("the id of a message is in the header by which the stream drops repeats", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  for (let round = 0; round < 3; round++) await bus.publish([named("ttp.tagged", "id-1")]);
  assert.equal(await stored(bus), 1);
  const message = await (await manager(bus)).streams.getMessage(STREAM, { seq: 1 });
  assert.equal(message?.header.get("Nats-Msg-Id"), "id-1");
});

Deno.test("a message whose acknowledgement is lost is unconfirmed, and sent again is stored once", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using proxy = new NatsProxy(server.port);
  await using bus = streamBus(proxy.url, { timeoutMs: 300 });
  await reaches(bus, "connected");
  await bus.publish([named("ttp.tagged", "id-0")]);
  // The server acknowledges to an inbox that nobody hears.
  proxy.detour(" _INBOX.", " _INBOY.");
  const messages = ["id-1", "id-2"].map((id) => named("ttp.tagged", id));
  const lost = await bus.publish(messages);
  assert.deepEqual(short(lost), ["unconfirmed", "unconfirmed"]);
  assert.match(lost[0]?.status === "unconfirmed" ? lost[0].message : "", /no answer within 0\.3 s/);
  proxy.mend();
  assert.deepEqual(short(await bus.publish(messages)), ["confirmed", "confirmed"]);
  assert.equal(await stored(bus), 3);
});

Deno.test("what the user may not publish is refused by name at once, the rest is stored", async () => {
  await using server = await restricted('{ publish: { deny: "ttp.rule.fired.T1082" } }');
  await setUp(server.url);
  const log = new EventLog();
  await using bus = streamBus(as(server), { onEvent: log.listen, timeoutMs: 60_000 });
  await reaches(bus, "connected");
  const subjects = ["ttp.tagged", "ttp.rule.fired.T1082", "ttp.rule.fired.T1083"];
  for (let round = 0; round < 3; round++) {
    const messages = subjects.map((subject) => named(subject, `${round} ${subject}`));
    const outcomes = await bus.publish([...messages, ...messages]);
    const expected = ["confirmed", "not_permitted", "confirmed"];
    assert.deepEqual(short(outcomes), [...expected, ...expected]);
  }
  assert.equal(await stored(bus), 6);
  // Whoever publishes has been told; an event for each would be a log line for each.
  assert.deepEqual(log.events.filter(({ kind }) => kind === "denied"), []);
});

Deno.test("a stream that is full refuses by name, and takes messages again when there is room", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const { streams } = await manager(bus);
  await streams.update(STREAM, { max_msgs: 2, discard: DiscardPolicy.New });
  const messages = ["1", "2", "3"].map((id) => named("ttp.tagged", id));
  assert.deepEqual(short(await bus.publish(messages)), ["confirmed", "confirmed", "stream_full"]);
  await streams.purge(STREAM);
  assert.deepEqual(short(await bus.publish(messages.slice(2))), ["confirmed"]);
});

Deno.test("a message above the limit of the server is refused unsent, one above that of the stream by name", async () => {
  await using server = await NatsServer.start({ jetstream: true, config: "max_payload: 100000" });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  await (await manager(bus)).streams.update(STREAM, { max_msg_size: 1000 });
  const outcomes = await bus.publish(
    [10, 2_000, 200_000, 10].map((size) => publication("ttp.tagged", "x".repeat(size))),
  );
  assert.deepEqual(short(outcomes), ["confirmed", "too_large", "too_large", "confirmed"]);
  assert.match(outcomes[1]?.status === "refused" ? outcomes[1].message : "", /max_msg_size/);
  assert.match(outcomes[2]?.status === "refused" ? outcomes[2].message : "", /max_payload/);
});

Deno.test("a stream that is removed leaves messages unconfirmed once; then the server alone confirms them", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const messages = [named("ttp.tagged", "1")];
  await bus.publish(messages);
  await (await manager(bus)).streams.delete(STREAM);
  assert.deepEqual(short(await bus.publish(messages)), ["unconfirmed"]);
  assert.deepEqual(short(await bus.publish(messages)), ["confirmed"]);
});

Deno.test("a user that may not hear acknowledgements is told so, and nothing counts as confirmed", async () => {
  await using server = await restricted('{ subscribe: { deny: "_INBOX.*.*" } }');
  await setUp(server.url);
  await using bus = natsBus({ servers: as(server) });
  await reaches(bus, "connected");
  const publisher = new AcknowledgedPublisher(bus.link!, { prefix: "", timeoutMs: 60_000 });
  const [outcome] = await publisher.publish([named("ttp.tagged", "1")]);
  assert.match(outcome?.status === "unconfirmed" ? outcome.message : "", /subscribe to _INBOX\.>/);
  await assert.rejects(publisher.publish([named("ttp.tagged", "1")]), BusError);
});

Deno.test("messages on their way are unconfirmed when the server dies, and the next connection takes them", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url, { timeoutMs: 60_000 });
  await reaches(bus, "connected");
  const messages = [named("ttp.tagged", "1"), named("ttp.tagged", "2")];
  await bus.publish([named("ttp.tagged", "0")]);
  await server.pause();
  const publishing = bus.publish(messages);
  await server.kill();
  assert.deepEqual(short(await publishing), ["unconfirmed", "unconfirmed"]);
  await server.restart();
  await reaches(bus, "connected");
  assert.deepEqual(short(await bus.publish(messages)), ["confirmed", "confirmed"]);
});

Deno.test("what no stream keeps is confirmed by the server, in the same publication", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await using bus = streamBus(server.url);
  await reaches(bus, "connected");
  const { streams } = await manager(bus);
  await streams.update(STREAM, { max_msg_size: 10 });
  const outcomes = await bus.publish([
    publication("ttp.tagged", "far too large"),
    publication("system.ttp.health", "far too large"),
    publication("ttp.tagged", "small"),
  ]);
  assert.deepEqual(short(outcomes), ["too_large", "confirmed", "confirmed"]);
});

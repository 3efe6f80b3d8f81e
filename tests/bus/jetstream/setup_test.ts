import assert from "assert";
import { AckPolicy, jetstreamManager } from "nats/jetstream";
import { BusError } from "../../../lib/bus/bus.ts";
import { jetStreamNames } from "../../../lib/bus/jetstream/names.ts";
import { DEFAULT_LIMITS } from "../../../lib/bus/jetstream/plan.ts";
import { checkJetStream } from "../../../lib/bus/jetstream/setup.ts";
import { BusSettingsError } from "../../../lib/bus/nats/settings.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { NAMES, setUp } from "./medium.ts";
import { natsBus, reaches } from "../nats/medium.ts";

const PLAN = { names: NAMES, prefix: "", limits: DEFAULT_LIMITS };
const LAG = { now: Date.now };
const outcomes = async (url: string, options = {}) =>
  (await setUp(url, options)).map(({ what, outcome }) => `${what}: ${outcome}`);

Deno.test("setup creates streams and consumers, and a second one changes nothing", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const before = await checkJetStream(bus.link!, PLAN, LAG);
  assert.deepEqual(before.map(({ ok }) => ok), [false, false, false]);
  assert.deepEqual(await outcomes(server.url, { prefix: "site" }), [
    "stream DECNET: created",
    "consumer decnet-ttp of DECNET: created",
    "stream DECNET-TTP: created",
    "stream DECNET-ADVISORIES: created",
    "consumer decnet-ttp of DECNET-ADVISORIES: created",
  ]);
  for (const line of await outcomes(server.url, { prefix: "site" })) {
    assert.match(line, /: unchanged$/);
  }
  const after = await checkJetStream(bus.link!, { ...PLAN, prefix: "site" }, LAG);
  assert.deepEqual(after.map(({ ok }) => ok), [true, true, true, true, true]);
  const manager = await jetstreamManager(bus.link!.connection);
  const { config } = await manager.streams.info("DECNET");
  assert.deepEqual(config.subjects, [
    "site.attacker.session.ended",
    "site.email.received",
    "site.canary.>",
  ]);
  assert.ok(config.max_bytes > 0 && config.max_age > 0, "a stream without limits fills the disk");
});

Deno.test("setup adds what is missing and takes nothing away", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const manager = await jetstreamManager(bus.link!.connection);
  await manager.streams.add({
    name: "DECNET",
    subjects: ["attacker.>", "own.events"],
    max_msgs: 7,
  });
  assert.equal((await checkJetStream(bus.link!, PLAN, LAG))[0]?.ok, false);
  const [stream, ...others] = await outcomes(server.url);
  assert.equal(stream, "stream DECNET: updated");
  assert.ok(others.every((line) => line.endsWith("created")));
  const { config } = await manager.streams.info("DECNET");
  assert.deepEqual(config.subjects, ["attacker.>", "own.events", "email.received", "canary.>"]);
  assert.equal(config.max_msgs, 7);
  assert.equal(
    (await outcomes(server.url, { limits: { maxDeliver: 7 } }))[1],
    "consumer decnet-ttp of DECNET: updated",
  );
  const consumer = await manager.consumers.info("DECNET", "decnet-ttp");
  assert.equal(consumer.config.max_deliver, 7);
});

Deno.test("setup refuses a consumer that does not acknowledge, and says so", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const manager = await jetstreamManager(bus.link!.connection);
  await manager.streams.add({ name: "DECNET", subjects: ["attacker.>", "email.>", "canary.>"] });
  await manager.consumers.add("DECNET", { durable_name: "decnet-ttp", ack_policy: AckPolicy.None });
  const unfit = /consumer decnet-ttp of DECNET.*ack policy is none/;
  await assert.rejects(setUp(server.url), (error: unknown) => {
    assert.ok(error instanceof BusError);
    assert.match(error.message, unfit);
    return true;
  });
  const finding = (await checkJetStream(bus.link!, PLAN, LAG))[1];
  assert.equal(finding?.ok, false);
  assert.match(`${finding?.what} ${finding?.detail}`, unfit);
});

Deno.test("setup names a stream that keeps the same subjects already", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url);
  await assert.rejects(
    setUp(server.url, { names: jetStreamNames("OTHER") }),
    /cannot set up stream OTHER: subjects overlap/,
  );
});

Deno.test("setup on a server without JetStream says how to enable it", async () => {
  await using server = await NatsServer.start();
  await assert.rejects(setUp(server.url), (error: unknown) => {
    assert.ok(error instanceof BusError);
    assert.match(error.message, /enable it in the server's configuration/);
    return true;
  });
});

Deno.test("setup by a user who may not ask JetStream says what to allow", async () => {
  const permissions = '{ publish: ["ttp.>"], subscribe: ["attacker.>"] }';
  const config = `authorization { users: [{ user: u, password: p, permissions: ${permissions} }] }`;
  await using server = await NatsServer.start({ jetstream: true, config });
  const url = server.url.replace("//", "//u:p@");
  await assert.rejects(setUp(url), /allow this user to subscribe to _INBOX\.> and to publish/);
});

Deno.test("names of streams are checked, and follow from the first", () => {
  assert.deepEqual(jetStreamNames("DECNET", { domain: "leaf" }), {
    stream: "DECNET",
    consumer: "decnet-ttp",
    announcements: "DECNET-TTP",
    advisories: "DECNET-ADVISORIES",
    domain: "leaf",
  });
  for (const bad of ["", "a.b", "a b", "a*", ">", "../x", "a\n", "x".repeat(300)]) {
    assert.throws(() => jetStreamNames(bad), BusSettingsError, JSON.stringify(bad));
    assert.throws(() => jetStreamNames("A", { consumer: bad }), BusSettingsError);
  }
});

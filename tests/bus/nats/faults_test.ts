import assert from "assert";
import { BusError } from "../../../lib/bus/bus.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { publication, take } from "../bus_contract.ts";
import { EventLog, natsBus, reaches } from "./medium.ts";

const text = ({ data }: { data: Uint8Array }) => new TextDecoder().decode(data);

Deno.test("a bus connects by itself when its server appears", async () => {
  await using server = await NatsServer.start();
  await server.stop();
  const log = new EventLog();
  await using bus = natsBus({ servers: server.url }, { onEvent: log.listen });
  const subscription = bus.subscribe("a");
  const { reason } = await log.next("connect_failed", 3);
  assert.match(reason, /connection refused/);
  assert.equal(bus.status, "connecting");
  await assert.rejects(bus.publish([publication("a", "1")]), BusError);
  await server.restart();
  await reaches(bus, "connected");
  await bus.publish([publication("a", "2")]);
  assert.deepEqual((await take(subscription, 1)).map(text), ["2"]);
});

Deno.test("a subscription outlives its server, killed or stopped", async () => {
  await using server = await NatsServer.start();
  const log = new EventLog();
  await using bus = natsBus({ servers: server.url }, { onEvent: log.listen });
  const subscription = bus.subscribe("a");
  const messages = subscription[Symbol.asyncIterator]();
  await reaches(bus, "connected");
  for (const [round, end] of ["kill", "stop", "kill"].entries()) {
    await (end === "kill" ? server.kill() : server.stop());
    await log.next("disconnected", round + 1);
    await reaches(bus, "connecting");
    await server.restart();
    await reaches(bus, "connected");
    await bus.publish([publication("a", end)]);
    const { value } = await messages.next();
    assert.equal(text(value), end);
  }
});

Deno.test("a publication fails when the server dies before it has confirmed it", async () => {
  await using server = await NatsServer.start();
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const bodies = Array.from(
    { length: 50 },
    () => ({ subject: "a", data: new Uint8Array(500_000) }),
  );
  // A stopped server confirms nothing, however fast the machine is.
  await server.pause();
  const publishing = bus.publish(bodies);
  await Promise.all([server.kill(), assert.rejects(publishing, BusError)]);
});

Deno.test("a server that hangs is given up and taken up again", async () => {
  await using server = await NatsServer.start();
  const log = new EventLog();
  await using bus = natsBus(
    { servers: server.url },
    { onEvent: log.listen, pingIntervalMs: 100, timeoutMs: 1000 },
  );
  await reaches(bus, "connected");
  await server.pause();
  await assert.rejects(bus.publish([publication("a", "1")]), BusError);
  assert.match((await log.next("disconnected")).reason, /stopped answering/);
  assert.match((await log.next("connect_failed")).reason, /no answer in time/);
  server.resume();
  await reaches(bus, "connected");
  await bus.publish([publication("a", "2")]);
});

Deno.test("closing takes bounded time while the server hangs", async () => {
  await using server = await NatsServer.start();
  await using bus = natsBus({ servers: server.url }, { timeoutMs: 300 });
  const subscription = bus.subscribe("a");
  await reaches(bus, "connected");
  await server.pause();
  await Promise.all([subscription.drain(), bus.close()]);
  assert.equal(bus.status, "closed");
  server.resume();
});

/** What a port that is no good NATS server says, and what is reported of it. */
const NONSENSE = [
  ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", /not a NATS server.*HTTP/],
  ["bytes", "\x00\xff\x00", /not a NATS server/],
  ["a greeting without end", `INFO {${"x".repeat(100_000)}`, /not a NATS server/],
  ["a greeting that is not JSON", "INFO {nonsense}\r\n", /JSON/],
  ["nothing at all", "", /no answer in time/],
  ["half a greeting", "INFO {", /no answer in time/],
  [
    "nonsense after a greeting",
    'INFO {"max_payload":9}\r\nNONSENSE\r\n',
    /not speak the NATS protocol/,
  ],
] as const;

for (const [what, greeting, says] of NONSENSE) {
  Deno.test(`a port that says ${what} is reported, and tried again`, async () => {
    const connections: Deno.Conn[] = [];
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for await (const connection of listener) {
        connections.push(connection);
        const bytes = new TextEncoder().encode(greeting);
        if (bytes.length > 0) await connection.write(bytes).catch(() => {});
      }
    })();
    const log = new EventLog();
    const { port } = listener.addr as Deno.NetAddr;
    {
      await using bus = natsBus(
        { servers: `127.0.0.1:${port}` },
        { onEvent: log.listen, timeoutMs: 200 },
      );
      assert.match((await log.next("connect_failed", 2)).reason, says);
      assert.equal(bus.status, "connecting");
    }
    listener.close();
    await serving;
    for (const connection of connections) {
      // The other side has hung up: nothing is left open.
      await new Response(connection.readable).arrayBuffer().catch(() => {});
    }
  });
}

Deno.test("a server that drops each connection is not hammered", async () => {
  const log = new EventLog();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const serving = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  {
    await using _bus = natsBus({ servers: `127.0.0.1:${port}` }, { onEvent: log.listen });
    await log.next("connect_failed", 4);
    const failures = log.events.length;
    assert.ok(connections <= failures + 1, `${connections} connections, ${failures} failures`);
  }
  listener.close();
  await serving;
});

Deno.test("what the user may not publish is refused by name, the rest is delivered", async () => {
  await using server = await NatsServer.start({
    config:
      'authorization { users: [ { user: u, password: p, permissions: { publish: "ok.>" } } ] }',
  });
  const log = new EventLog();
  await using bus = natsBus(
    { servers: server.url, user: "u", password: "p" },
    { onEvent: log.listen, prefix: "ok" },
  );
  await using other = natsBus({ servers: server.url, user: "u", password: "p" });
  await Promise.all([reaches(bus, "connected"), reaches(other, "connected")]);
  await bus.publish([publication("a", "1")]);
  const outcomes = await other.publish(
    ["ok.a", "no.a", "ok.a", "no.b"].map((subject) => publication(subject, "1")),
  );
  assert.deepEqual(outcomes.map(({ status }) => status), [
    "confirmed",
    "refused",
    "confirmed",
    "refused",
  ]);
  assert.ok(outcomes[1]?.status === "refused" && outcomes[1].reason === "not_permitted");
  assert.match(outcomes[1].message, /publish to no\.a: extend its permissions/);
  await other.publish([publication("ok.a", "4")]);
  assert.deepEqual(log.events.filter(({ kind }) => kind === "denied"), []);
});

Deno.test("a subscription that is not permitted is reported and harms no other", async () => {
  await using server = await NatsServer.start({
    config:
      'authorization { users: [ { user: u, password: p, permissions: { subscribe: ["a", "_INBOX.>"] } } ] }',
  });
  const log = new EventLog();
  await using bus = natsBus(
    { servers: server.url, user: "u", password: "p" },
    { onEvent: log.listen },
  );
  const [allowed, denied] = [bus.subscribe("a"), bus.subscribe("b")];
  assert.deepEqual(await log.next("denied"), {
    kind: "denied",
    operation: "subscribe",
    subject: "b",
  });
  await bus.publish([publication("a", "1")]);
  assert.deepEqual((await take(allowed, 1)).map(text), ["1"]);
  await denied.drain();
});

Deno.test("a message larger than the server takes is not sent, and the others are", async () => {
  await using server = await NatsServer.start({ config: "max_payload: 1000" });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const subscription = bus.subscribe("a");
  const sized = (size: number) => ({
    subject: "a",
    data: new Uint8Array(size),
    msgId: "0123456789",
  });
  const [small, large] = await bus.publish([sized(1), sized(964)]);
  assert.equal(small?.status, "confirmed");
  assert.ok(large?.status === "refused" && large.reason === "too_large");
  assert.match(large.message, /1001 bytes.*\(1000 bytes\): raise its max_payload/);
  await bus.publish([sized(963)]);
  assert.deepEqual((await take(subscription, 2)).map(({ data }) => data.length), [1, 963]);
});

Deno.test("a reader that does not keep up is reported once, until it has caught up", async () => {
  await using server = await NatsServer.start();
  const log = new EventLog();
  await using bus = natsBus({ servers: server.url }, { onEvent: log.listen, slowConsumerAt: 10 });
  await reaches(bus, "connected");
  const subscription = bus.subscribe("a");
  await bus.publish(Array.from({ length: 50 }, () => publication("a", "")));
  assert.deepEqual(log.events.filter(({ kind }) => kind === "slow_consumer"), [
    { kind: "slow_consumer", subject: "a", waiting: 10 },
  ]);
  assert.equal((await take(subscription, 50)).length, 50);
});

Deno.test("a server in lame duck mode is reported", async () => {
  await using server = await NatsServer.start({
    config: 'lame_duck_duration: "30s", lame_duck_grace_period: "1s"',
  });
  const log = new EventLog();
  await using bus = natsBus({ servers: server.url }, { onEvent: log.listen });
  await reaches(bus, "connected");
  server.signal("SIGUSR2");
  await log.next("lame_duck");
});

Deno.test("another server of the list takes over", async () => {
  await using one = await NatsServer.start();
  await using two = await NatsServer.start();
  await two.stop();
  await using bus = natsBus({ servers: `${one.url},${two.url}` });
  await reaches(bus, "connected");
  assert.equal(bus.link?.server.address, `127.0.0.1:${one.port}`);
  await Promise.all([one.stop(), reaches(bus, "connecting"), two.restart()]);
  await reaches(bus, "connected");
  assert.equal(bus.link?.server.address, `127.0.0.1:${two.port}`);
});

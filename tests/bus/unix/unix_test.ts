import assert from "assert";
import { BusError, type BusSubscription } from "../../../lib/bus/bus.ts";
import { MAX_FRAME_BYTES } from "../../../lib/bus/unix/frames.ts";
import { UnixBus } from "../../../lib/bus/unix/unix.ts";
import { DecnetSocket } from "../../harness/decnet_socket.ts";
import { until } from "../../harness/until.ts";
import { publication } from "../bus_contract.ts";
import { EventLog, reaches, SHORT } from "../nats/medium.ts";

/** A bus on a path, with what it says of its connection; closed at the end of its block. */
function busOn(path: string): { bus: UnixBus; log: EventLog } & AsyncDisposable {
  const log = new EventLog();
  const bus = new UnixBus(path, {
    reconnectDelay: SHORT.reconnectDelay,
    onEvent: log.listen,
  });
  return { bus, log, [Symbol.asyncDispose]: () => bus.close() };
}

/** Sends events until one arrives: nobody says when a subscription is in force. */
async function emittedUntilTaken(
  socket: DecnetSocket,
  topic: string,
  subscription: BusSubscription,
): Promise<void> {
  const reader = subscription[Symbol.asyncIterator]();
  let isTaken = false;
  const taken = reader.next().then(() => isTaken = true);
  await until("an event arrives", async () => {
    await socket.emit(topic, bytes("{}"));
    return isTaken;
  });
  await taken;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("a client says its name, and subscribes again on every connection", async () => {
  const first = DecnetSocket.start();
  await using client = busOn(first.path);
  const { bus, log } = client;
  const subscription = bus.subscribe("attacker.>");
  await reaches(bus, "connected");
  await until("the greeting is there", () => first.names.length === 1);
  assert.deepEqual(first.names, ["decnet-ttp"]);
  await first[Symbol.asyncDispose]();
  await log.next("disconnected");
  await assert.rejects(bus.publish([publication("a", "1")]), BusError);
  const { reason } = await log.next("connect_failed");
  assert.match(reason, /no such socket|nobody listens/);
  await Deno.mkdir(first.path.replace(/\/[^/]*$/, ""), { recursive: true });
  await using second = DecnetSocket.start(first.path);
  await log.next("connected", 2);
  await emittedUntilTaken(second, "attacker.observed", subscription);
  await Deno.remove(first.path.replace(/\/[^/]*$/, ""), { recursive: true });
});

Deno.test("a malformed frame ends the connection, is named, and another one is made", async () => {
  await using socket = DecnetSocket.start();
  await using client = busOn(socket.path);
  const subscription = client.bus.subscribe("a");
  for (const [nth, sent] of ["no frame at all\n", "EVT a\n\xff\xff\xff\xff"].entries()) {
    await client.log.next("connected", nth + 1);
    await until("the client is there", () => socket.clients === 1);
    await socket.sendRaw(Uint8Array.from(sent, (one) => one.charCodeAt(0)));
    const { reason } = await client.log.next("disconnected", nth + 1);
    assert.match(reason, /malformed frame/);
  }
  await client.log.next("connected", 3);
  await emittedUntilTaken(socket, "a", subscription);
});

Deno.test("a flood is read as fast as it comes and delivered in order", async () => {
  await using socket = DecnetSocket.start();
  await using client = busOn(socket.path);
  const subscription = client.bus.subscribe("a");
  await reaches(client.bus, "connected");
  await emittedUntilTaken(socket, "a", subscription);
  const count = 20_000;
  const sending = (async () => {
    for (let at = 0; at < count; at++) await socket.emit("a", bytes(String(at)));
  })();
  let next = 0;
  for await (const { data } of subscription) {
    const text = new TextDecoder().decode(data);
    // Left over from waiting for the subscription.
    if (text === "{}") continue;
    assert.equal(text, String(next++));
    if (next === count) break;
  }
  await sending;
});

Deno.test("a message that the socket does not take is refused, and the others go out", async () => {
  await using socket = DecnetSocket.start();
  await using client = busOn(socket.path);
  await reaches(client.bus, "connected");
  const outcomes = await client.bus.publish([
    publication("a", "1"),
    { subject: "b", data: new Uint8Array(MAX_FRAME_BYTES + 1) },
    publication("c", "1"),
  ]);
  assert.deepEqual(outcomes.map(({ status }) => status), ["confirmed", "refused", "confirmed"]);
});

Deno.test("closing ends in bounded time when nobody reads at the other end", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/bus.sock`;
  using listener = Deno.listen({ transport: "unix", path });
  const accepted = listener.accept();
  const bus = new UnixBus(path);
  await reaches(bus, "connected");
  using _connection = await accepted;
  // More than the buffers between two processes take.
  const stuck = bus.publish(
    Array.from({ length: 8 }, () => ({ subject: "a", data: new Uint8Array(1_000_000) })),
  );
  const failed = assert.rejects(stuck, BusError);
  await bus.close();
  await failed;
  await Deno.remove(folder, { recursive: true });
});

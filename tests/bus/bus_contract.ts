import assert from "assert";
import { Buffer } from "node:buffer";
import { type Bus, BusError, type BusMessage, type BusSubscription } from "../../lib/bus/bus.ts";
import { SubjectError } from "../../lib/bus/subjects.ts";

/** A way to get any number of parties that talk to each other. */
export interface Medium extends AsyncDisposable {
  /** One more party, connected; closed with the medium if not before. */
  join(): Promise<Bus>;
  /** Whether each message can go to one member of a group; it can by default. */
  readonly hasQueueGroups?: boolean;
  /** Makes sure that everybody knows what a party has done so far; by default a confirmation comes after it. */
  settle?(bus: Bus): Promise<void>;
}

const text = (message: BusMessage) => new TextDecoder().decode(message.data);

/** A message to send. */
export function publication(subject: string, body: string): { subject: string; data: Uint8Array } {
  return { subject, data: new TextEncoder().encode(body) };
}

/** Reads until so many messages have come, or the subscription ends. */
export async function take(subscription: BusSubscription, count: number): Promise<BusMessage[]> {
  const taken: BusMessage[] = [];
  if (count === 0) return taken;
  for await (const message of subscription) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

/** What every implementation of the bus does. */
export function testBusContract(name: string, medium: () => Promise<Medium>): void {
  type Settle = (bus: Bus) => Promise<void>;
  const test = (
    behaviour: string,
    body: (medium: Medium, settle: Settle) => Promise<void>,
  ) =>
    Deno.test(`${name} ${behaviour}`, async () => {
      await using shared = await medium();
      const settle: Settle = async (bus) => {
        if (shared.settle === undefined) await bus.publish([]);
        else await shared.settle(bus);
      };
      await body(shared, settle);
    });

  test("delivers to everybody who listens, in order, with the subject", async (shared, settle) => {
    const [sender, one, two] = [await shared.join(), await shared.join(), await shared.join()];
    const subscriptions = [one.subscribe("a.b"), two.subscribe("a.*"), two.subscribe("a.>")];
    await Promise.all([settle(one), settle(two)]);
    await sender.publish([publication("a.b", "1"), publication("a.b", "2")]);
    for (const subscription of subscriptions) {
      const messages = await take(subscription, 2);
      assert.deepEqual(messages.map(text), ["1", "2"]);
      assert.deepEqual(messages.map(({ subject }) => subject), ["a.b", "a.b"]);
    }
  });

  test("delivers only what was subscribed to", async (shared, settle) => {
    const bus = await shared.join();
    const subscription = bus.subscribe("a.*.c");
    await settle(bus);
    await bus.publish(["a.b", "a.b.d", "a.b.c.d", "b.b.c"].map((s) => publication(s, "no")));
    await bus.publish([publication("a.b.c", "yes")]);
    assert.deepEqual((await take(subscription, 1)).map(text), ["yes"]);
  });

  test(
    "gives each message to one member of a queue group, where it knows groups",
    async (shared, settle) => {
      if (shared.hasQueueGroups === false) return;
      const [sender, one, two, three] = [
        await shared.join(),
        await shared.join(),
        await shared.join(),
        await shared.join(),
      ];
      const members = [one.subscribe("q", { queue: "ttp" }), two.subscribe("q", { queue: "ttp" })];
      const outsider = three.subscribe("q");
      await Promise.all([settle(one), settle(two), settle(three)]);
      const bodies = Array.from({ length: 100 }, (_, index) => String(index));
      await sender.publish(bodies.map((body) => publication("q", body)));
      assert.deepEqual((await take(outsider, 100)).map(text), bodies);
      // What was published before a barrier of the receiver has reached it.
      await Promise.all([settle(one), settle(two)]);
      await Promise.all(members.map((member) => member.drain()));
      const shares = await Promise.all(members.map((member) => take(member, Infinity)));
      const received = shares.flat().map(text).sort((a, b) => Number(a) - Number(b));
      assert.deepEqual(received, bodies);
      assert.ok(shares.every((share) => share.length > 0), "one member got everything");
    },
  );

  test("leaves the share of a member that was drained to the others", async (shared, settle) => {
    if (shared.hasQueueGroups === false) return;
    const bus = await shared.join();
    const [gone, left] = [1, 2].map(() => bus.subscribe("q", { queue: "ttp" }));
    await settle(bus);
    await gone!.drain();
    const bodies = Array.from({ length: 20 }, (_, index) => String(index));
    await bus.publish(bodies.map((body) => publication("q", body)));
    await settle(bus);
    await left!.drain();
    assert.deepEqual((await take(left!, Infinity)).map(text), bodies);
  });

  test("yields what has arrived before a drain, then ends", async (shared, settle) => {
    const bus = await shared.join();
    const subscription = bus.subscribe("a");
    await settle(bus);
    await bus.publish([publication("a", "before")]);
    await settle(bus);
    await subscription.drain();
    await bus.publish([publication("a", "after")]);
    assert.deepEqual((await take(subscription, Infinity)).map(text), ["before"]);
    await subscription.drain();
  });

  test("carries any bytes, up to a megabyte", async (shared, settle) => {
    const bus = await shared.join();
    const subscription = bus.subscribe("bytes");
    await settle(bus);
    const bodies = [
      new Uint8Array(),
      Uint8Array.from({ length: 256 }, (_, index) => index),
      new TextEncoder().encode("\r\nPUB x 0\r\n"),
      new Uint8Array(1024 * 1024 - 100).fill(13),
    ];
    await bus.publish(
      bodies.map((data, index) => ({ subject: "bytes", data, msgId: `m${index}` })),
    );
    const messages = await take(subscription, bodies.length);
    assert.deepEqual(messages.map(({ data }) => data.length), [0, 256, 11, 1024 * 1024 - 100]);
    bodies.forEach((body, index) =>
      assert.equal(Buffer.compare(body, messages[index]!.data), 0, `message ${index}`)
    );
  });

  test("takes no subject that is none", async (shared) => {
    const bus = await shared.join();
    for (const subject of ["", "a..b", "a b", "a.", ".a", "a\r\nPUB b 0", ">.a", "a*"]) {
      assert.throws(() => bus.subscribe(subject), SubjectError, JSON.stringify(subject));
    }
    for (const subject of ["", "a..b", "a b", "a.*", ">", "a\n"]) {
      await assert.rejects(bus.publish([publication(subject, "")]), SubjectError);
    }
  });

  test(
    "can be acknowledged, refused and held, whether or not it redelivers",
    async (shared, settle) => {
      const bus = await shared.join();
      const subscription = bus.subscribe("a");
      await settle(bus);
      await bus.publish([publication("a", "1")]);
      const [message] = await take(subscription, 1);
      message!.working();
      message!.nak(1000);
      message!.term("because\r\nof this");
      message!.ack();
      await settle(bus);
    },
  );

  test("tells its status at once and each change, and ends with closed", async (shared, settle) => {
    const bus = await shared.join();
    const seen: string[] = [];
    const watched = (async () => {
      for await (const status of bus.statusChanges()) seen.push(status);
    })();
    await settle(bus);
    assert.equal(bus.status, "connected");
    await bus.close();
    await watched;
    assert.deepEqual(seen, ["connected", "closed"]);
  });

  test("ends every subscription when it closes, after what has arrived", async (shared, settle) => {
    const [sender, bus] = [await shared.join(), await shared.join()];
    const subscription = bus.subscribe("a");
    await settle(bus);
    await sender.publish([publication("a", "1")]);
    await settle(sender);
    await settle(bus);
    await bus.close();
    assert.deepEqual((await take(subscription, Infinity)).map(text), ["1"]);
    assert.deepEqual(await take(bus.subscribe("a"), Infinity), []);
    await assert.rejects(bus.publish([publication("a", "2")]), BusError);
    await bus.close();
    assert.equal(bus.status, "closed");
  });

  test("stops for a reader that leaves, without harm to others", async (shared, settle) => {
    const bus = await shared.join();
    const [left, stays] = [bus.subscribe("a"), bus.subscribe("a")];
    await settle(bus);
    await bus.publish([publication("a", "1"), publication("a", "2")]);
    await take(left, 1);
    assert.deepEqual((await take(stays, 2)).map(text), ["1", "2"]);
  });
}

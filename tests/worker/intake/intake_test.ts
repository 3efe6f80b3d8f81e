import assert from "assert";
import { setImmediate } from "node:timers/promises";
import type { BusMessage, BusSubscription } from "../../../lib/bus/bus.ts";
import { MemoryBus } from "../../../lib/bus/memory.ts";
import { Intake } from "../../../lib/worker/intake/intake.ts";
import { MessageQueue } from "../../../lib/worker/intake/queue.ts";
import { Wake } from "../../../lib/worker/wake.ts";
import { until } from "../../harness/until.ts";

const BYTES = 1000;

/** A stream of messages that counts what was refused. */
function stream(count: number) {
  let refused = 0;
  const nothing = () => {};
  const message: BusMessage = {
    subject: "email.received",
    data: new Uint8Array(BYTES),
    ack: nothing,
    nak: () => refused++,
    term: nothing,
    working: nothing,
  };
  let stopped = false;
  const subscription: BusSubscription = {
    subject: "stream",
    drain: () => {
      stopped = true;
      return Promise.resolve();
    },
    async *[Symbol.asyncIterator]() {
      for (let i = 0; i < count && !stopped; i++) yield await Promise.resolve(message);
    },
  };
  return { source: () => subscription, refused: () => refused };
}

for (
  const [what, limits] of [["many", { maxMessages: 80 }], ["large", {
    maxBytes: 80 * BYTES,
  }]] as const
) {
  Deno.test(`messages of a stream that are too ${what} for the queue stay in the stream`, async () => {
    const bus = new MemoryBus();
    const { source, refused } = stream(200);
    const queue = new MessageQueue(new Wake(), (message) => message.nak(1), limits);
    const intake = new Intake(queue);
    intake.start(bus, undefined, source);
    let taken = 0;
    await until("all have been taken", () => {
      taken += queue.take(1 + queue.size / 2).length;
      return taken === 200;
    });
    assert.equal(refused(), 0);
    await intake.stop();
    await bus.close();
  });
}

/** A subscription that still yields a message in each turn after it was drained. */
function slow(count: number): BusSubscription {
  const { source } = stream(count);
  return {
    subject: "stream",
    drain: () => Promise.resolve(),
    async *[Symbol.asyncIterator]() {
      for await (const message of source()) {
        await setImmediate();
        yield message;
      }
    },
  };
}

/** Fails the test when an intake does not end. */
async function stops(intake: Intake): Promise<void> {
  let isOver = false;
  const stopping = intake.stop().then(() => isOver = true);
  await until("the intake has ended", () => isOver, 5_000);
  await stopping;
}

Deno.test("what the bus has handed over reaches the queue before the intake has ended, also beyond its room", async () => {
  const bus = new MemoryBus();
  const queue = new MessageQueue(new Wake(), () => assert.fail("dropped"), { maxMessages: 64 });
  const intake = new Intake(queue);
  intake.start(bus, undefined, () => slow(3));
  await stops(intake);
  assert.equal(queue.size, 3);
  await bus.close();
});

Deno.test("what a stream delivers is not subscribed to once more", async () => {
  const bus = new MemoryBus();
  const queue = new MessageQueue(new Wake(), () => {});
  const intake = new Intake(queue);
  intake.start(bus, undefined, () => slow(0));
  await bus.publish([{ subject: "attacker.session.ended", data: new Uint8Array(1) }]);
  await stops(intake);
  assert.equal(queue.size, 0);
  await bus.close();
});

Deno.test("workers of one group share what plain subscriptions bring", async () => {
  const bus = new MemoryBus();
  const queues = [1, 2].map(() => new MessageQueue(new Wake(), () => {}));
  const intakes = queues.map((queue) => new Intake(queue));
  for (const intake of intakes) intake.start(bus, "group");
  await bus.publish([{ subject: "attacker.session.ended", data: new Uint8Array(1) }]);
  await Promise.all(intakes.map(stops));
  assert.equal(queues.reduce((sum, { size }) => sum + size, 0), 1);
  await bus.close();
});

import assert from "assert";
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

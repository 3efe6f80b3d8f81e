import assert from "assert";
import { setImmediate } from "node:timers/promises";
import { LAST_SEND_MS, Sender } from "../../../lib/worker/outbox/sender.ts";
import { until } from "../../harness/until.ts";
import { OutboxFixture, TAGGED } from "./outbox_fixture.ts";

/** Lets everything happen that does not wait for time. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await setImmediate();
}

Deno.test("a stopping worker tries the outbox for five seconds", () => {
  assert.equal(LAST_SEND_MS, 5_000);
});

Deno.test("Sender sends what waits at its start, and what it is woken for", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  const sender = new Sender(fixture.outbox);
  sender.start();
  await until("the first is sent", () => fixture.bus.taken.length === 1);
  fixture.add(TAGGED);
  sender.wake();
  await until("the second is sent", () => fixture.bus.taken.length === 2);
  await sender.stop();
});

Deno.test("Sender does not try again because of new messages, but does on a new connection", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.reject("broken");
  const sender = new Sender(fixture.outbox);
  sender.start();
  await fixture.bus.begun(1);
  await turns();
  for (let message = 0; message < 5; message++) {
    fixture.add(TAGGED);
    sender.wake();
    await turns();
  }
  assert.equal(fixture.bus.sizes.length, 1);
  fixture.bus.accept();
  sender.wakeNow();
  await until("all are sent", () => fixture.bus.taken.length === 6);
  await sender.stop();
});

Deno.test("Sender tries once more when it is stopped, and says nothing twice", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.reject("broken");
  const sender = new Sender(fixture.outbox);
  sender.start();
  await fixture.bus.begun(1);
  await turns();
  fixture.bus.accept();
  fixture.add(TAGGED);
  await sender.stop();
  assert.equal(fixture.bus.taken.length, 2);
  assert.deepEqual(fixture.waiting, []);
});

Deno.test("Sender does not wait for a bus that hangs, and touches the database no more after its end", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.hold();
  const sender = new Sender(fixture.outbox, 20);
  sender.start();
  await fixture.bus.begun(1);
  await sender.stop();
  assert.deepEqual(fixture.waiting, [TAGGED]);
  fixture.bus.release();
  await turns();
  // The bus confirmed too late: the next start sends it again, with the same id.
  assert.deepEqual(fixture.waiting, [TAGGED]);
  await fixture.newOutbox().send();
  assert.deepEqual(fixture.waiting, []);
  assert.equal(new Set(fixture.bus.takenIds).size, 1);
});

Deno.test("Sender waits at its end for a bus that confirms late", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.hold();
  const sender = new Sender(fixture.outbox);
  sender.start();
  await fixture.bus.begun(1);
  let stopped = false;
  const stopping = sender.stop().then(() => stopped = true);
  await turns();
  assert.equal(stopped, false);
  fixture.bus.release();
  await stopping;
  assert.deepEqual(fixture.waiting, []);
});

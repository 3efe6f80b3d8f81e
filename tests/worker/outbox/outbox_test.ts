import assert from "assert";
import { setImmediate } from "node:timers/promises";
import type { ControllableBus } from "../../harness/controllable_bus.ts";
import { NOW } from "../../store/scratch.ts";
import { FIRED, LONG_MS, OutboxFixture, TAGGED } from "./outbox_fixture.ts";

Deno.test("an announcement stays on disk until the bus has confirmed it", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED, FIRED);
  fixture.bus.hold();
  const sending = fixture.outbox.send();
  await fixture.bus.begun(1);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  assert.deepEqual(fixture.waiting, [TAGGED, FIRED]);
  fixture.bus.release();
  assert.equal(await sending, undefined);
  assert.deepEqual(fixture.waiting, []);
  assert.equal(fixture.counters.total("announced"), 2);
});

Deno.test("what came while others were on their way is not removed with them, and goes next", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.hold();
  const sending = fixture.outbox.send();
  await fixture.bus.begun(1);
  fixture.add(FIRED);
  fixture.bus.release();
  await sending;
  assert.deepEqual(fixture.bus.taken.map(({ subject }) => subject), [TAGGED, FIRED]);
  assert.deepEqual(fixture.waiting, []);
});

Deno.test("the id of a message is that of its envelope, at each try", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.reject("broken");
  await fixture.outbox.send();
  fixture.bus.accept();
  await fixture.outbox.send(true);
  const ids = fixture.bus.tried.map(({ msgId }) => msgId);
  const bodies = fixture.bus.tried.map(({ data }) => JSON.parse(new TextDecoder().decode(data)));
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
  assert.deepEqual(bodies.map(({ id }) => id), ids);
});

for (
  const [what, fail] of [
    ["rejects", (bus: ControllableBus) => bus.reject("the connection broke")],
    ["confirms nothing", (bus: ControllableBus) => bus.leaveUnconfirmed(">")],
    ["loses its connection", (bus: ControllableBus) =>
      bus.answer = () => {
        bus.disconnect();
        return { status: "unconfirmed", message: "not confirmed: lost" };
      }],
  ] as const
) {
  Deno.test(`nothing is removed or set aside by a bus that ${what}, and it is tried again after a pause that grows`, async () => {
    using fixture = new OutboxFixture();
    fixture.add(TAGGED, TAGGED, FIRED);
    fail(fixture.bus);
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt++) {
      if (fixture.bus.status === "connecting") fixture.bus.connect();
      pauses.push(await fixture.outbox.send() ?? 0);
      assert.equal(fixture.bus.sizes.length, attempt);
      // A new announcement does not cut the pause short.
      assert.ok((await fixture.outbox.send())! > 0);
      assert.equal(fixture.bus.sizes.length, attempt);
      fixture.clock += pauses.at(-1)!;
    }
    assert.ok(pauses[0]! <= 250 && pauses[2]! > pauses[0]! && pauses[11]! >= 22_500, `${pauses}`);
    assert.ok(Math.max(...pauses) <= 30_000);
    assert.deepEqual([fixture.waiting.length, fixture.setAside], [3, 0]);
    assert.match(fixture.reason ?? "", /^outbox: /);
    assert.equal(fixture.counters.total("send_failures"), 12);
    fixture.bus.accept();
    fixture.bus.connect();
    fixture.clock += LONG_MS;
    await fixture.outbox.send();
    assert.deepEqual(fixture.waiting, []);
    assert.deepEqual(fixture.health.report(), { state: "ok" });
    assert.equal(new Set(fixture.bus.takenIds).size, 3);
  });
}

Deno.test("a new connection cuts the pause short", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.reject("broken");
  await fixture.outbox.send();
  fixture.bus.accept();
  await fixture.outbox.send(true);
  assert.deepEqual(fixture.waiting, []);
});

Deno.test("nothing is tried while there is no connection", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.disconnect();
  assert.equal(await fixture.outbox.send(true), undefined);
  assert.deepEqual([fixture.bus.sizes, fixture.waiting], [[], [TAGGED]]);
});

Deno.test("nothing is removed after the outbox has been abandoned, whatever the bus confirms then", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  fixture.bus.hold();
  const sending = fixture.outbox.send();
  await fixture.bus.begun(1);
  fixture.outbox.abandon();
  fixture.store.close();
  fixture.bus.release();
  assert.equal(await sending, undefined);
  assert.deepEqual(fixture.health.report(), { state: "ok" });
});

Deno.test("what is added within a few turns of the event loop is sent together", async () => {
  using fixture = new OutboxFixture();
  fixture.add(TAGGED);
  const sending = fixture.outbox.send();
  for (let turn = 0; turn < 5; turn++) {
    fixture.add(TAGGED);
    await setImmediate();
  }
  await sending;
  assert.ok(fixture.bus.sizes[0]! >= 5, `${fixture.bus.sizes}`);
  assert.deepEqual(fixture.waiting, []);
});

Deno.test("what is added without end is sent all the same", async () => {
  using fixture = new OutboxFixture();
  let adding = true;
  const added = (async () => {
    for (let turn = 0; adding && turn < 10_000; turn++) {
      fixture.add(TAGGED);
      await setImmediate();
    }
  })();
  const sending = fixture.outbox.send();
  await fixture.bus.begun(3);
  adding = false;
  await Promise.all([added, sending]);
  // One message a turn: a batch that waits for all of them would be far larger.
  assert.ok(fixture.bus.sizes[0]! <= 20, `${fixture.bus.sizes}`);
  assert.deepEqual(fixture.waiting, []);
});

Deno.test("a long queue leaves in batches of bounded number and bytes", async () => {
  using fixture = new OutboxFixture();
  fixture.add(...Array.from({ length: 1_200 }, () => TAGGED));
  await fixture.outbox.send();
  assert.deepEqual(fixture.bus.sizes, [512, 512, 176]);
  const large = { subject: TAGGED, type: "t", payload: { x: "x".repeat(1024 * 1024) } };
  fixture.outbox.add(Array.from({ length: 9 }, () => large), NOW);
  await fixture.outbox.send();
  assert.deepEqual(fixture.bus.sizes.slice(3), [3, 3, 3]);
});

import assert from "assert";
import { NOW } from "../../store/scratch.ts";
import { FIRED, LONG_MS, OutboxFixture, TAGGED } from "./outbox_fixture.ts";

Deno.test("others go past a subject that is refused, each once, and the refused one is kept", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  for (let event = 0; event < 1_000; event++) {
    fixture.add(TAGGED, ...(event % 2 === 0 ? [FIRED] : []));
    if (event % 100 === 0) await fixture.outbox.send();
  }
  await fixture.outbox.send();
  assert.deepEqual([fixture.waiting, fixture.setAside], [[], 500]);
  assert.equal(fixture.triedOn(TAGGED), 1_000);
  assert.equal(fixture.counters.total("announced"), 1_000);
  // Only what was on the way with the first refusal was tried.
  assert.equal(fixture.triedOn(FIRED), 1);
  assert.match(fixture.reason ?? "", /publish to ttp\.rule\.fired\.T1082: extend its permissions$/);
});

Deno.test("what is refused is tried again one at a time, with a pause that grows", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(...Array.from({ length: 20 }, () => FIRED));
  let pause = await fixture.outbox.send();
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= 12; attempt++) {
    assert.ok(pause !== undefined && pause > 0);
    pauses.push(pause);
    assert.equal(await fixture.outbox.send(), pause);
    assert.equal(fixture.triedOn(FIRED), 19 + attempt);
    fixture.clock += pause;
    pause = await fixture.outbox.send();
  }
  assert.ok(
    pauses[2]! > pauses[0]! && pauses[11]! >= 225_000 && pauses[11]! <= 300_000,
    `${pauses}`,
  );
  fixture.bus.accept();
  fixture.clock += LONG_MS;
  const order = fixture.store.outbox.setAside.next(
    { subject: FIRED, reason: "not_permitted" },
    "oldest",
    99,
  ).map(({ id }) => id);
  assert.equal(await fixture.outbox.send(), undefined);
  assert.deepEqual(fixture.bus.takenIds, order);
  assert.deepEqual(fixture.bus.sizes.slice(-2), [1, 19]);
  assert.equal(fixture.setAside, 0);
  assert.deepEqual(fixture.health.report(), { state: "ok" });
});

Deno.test("what comes on a refused subject waits behind what was refused before it", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(FIRED);
  await fixture.outbox.send();
  fixture.bus.accept();
  fixture.add(FIRED, TAGGED);
  const ids = fixture.store.outbox.oldest(9).map(({ id }) => id);
  const first = fixture.store.outbox.setAside.next(
    { subject: FIRED, reason: "not_permitted" },
    "oldest",
    1,
  )[0]!.id;
  await fixture.outbox.send();
  assert.deepEqual(fixture.bus.takenIds, [ids[1]]);
  fixture.clock += LONG_MS;
  await fixture.outbox.send();
  assert.deepEqual(fixture.bus.takenIds, [ids[1], first, ids[0]]);
});

for (const restart of [false, true]) {
  Deno.test(`what is set aside is tried again ${restart ? "after a restart" : "on a new connection"}, once`, async () => {
    using fixture = new OutboxFixture();
    fixture.bus.refuse(FIRED);
    fixture.add(FIRED, FIRED, TAGGED);
    await fixture.outbox.send();
    const tried = fixture.triedOn(FIRED);
    const outbox = restart ? fixture.newOutbox() : fixture.outbox;
    await outbox.send(!restart);
    assert.equal(fixture.triedOn(FIRED), tried + 1);
    assert.match(fixture.reason ?? "", /T1082/);
    fixture.bus.accept();
    await (restart ? fixture.newOutbox() : outbox).send(!restart);
    assert.equal(fixture.setAside, 0);
    assert.equal(new Set(fixture.bus.takenIds).size, 3);
    assert.equal(fixture.bus.taken.length, 3);
  });
}

Deno.test("a message that is too large is set aside alone, and the smallest decides when the others are tried", async () => {
  using fixture = new OutboxFixture();
  let limit = 300;
  fixture.bus.answer = ({ data }) =>
    data.length <= limit
      ? { status: "confirmed" }
      : { status: "refused", reason: "too_large", message: `${data.length} bytes` };
  const sized = (size: number) => ({
    subject: TAGGED,
    type: "t",
    payload: { x: "x".repeat(size) },
  });
  fixture.outbox.add([9000, 1, 5000, 2, 7000].map(sized), NOW);
  await fixture.outbox.send();
  assert.equal(fixture.bus.taken.length, 2);
  assert.equal(fixture.setAside, 3);
  fixture.outbox.add([sized(3)], NOW);
  await fixture.outbox.send();
  assert.equal(fixture.bus.taken.length, 3);
  const tried = fixture.bus.tried.length;
  limit = 8000;
  await fixture.outbox.send(true);
  assert.deepEqual([fixture.bus.taken.length, fixture.setAside], [5, 1]);
  assert.deepEqual(
    fixture.bus.tried.slice(tried).map(({ data }) => Math.floor(data.length / 1000)),
    [5, 7, 9],
  );
});

Deno.test("a message that is never confirmed does not hold up those that are", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.leaveUnconfirmed(FIRED);
  fixture.add(FIRED, TAGGED);
  await fixture.outbox.send();
  assert.deepEqual([fixture.waiting, fixture.setAside, fixture.bus.taken.length], [[], 1, 1]);
  fixture.add(TAGGED);
  await fixture.outbox.send();
  assert.equal(fixture.bus.taken.length, 2);
  fixture.bus.accept();
  fixture.clock += LONG_MS;
  await fixture.outbox.send();
  assert.equal(fixture.setAside, 0);
  assert.equal(fixture.bus.taken.length, 3);
});

Deno.test("a message that is refused for another reason than before is kept under that reason", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(FIRED, FIRED);
  await fixture.outbox.send();
  fixture.bus.refuse(FIRED, "stream_full");
  await fixture.outbox.send(true);
  const groups = fixture.store.outbox.setAside.groups();
  assert.deepEqual(groups.map(({ reason, messages }) => [reason, messages]), [
    ["stream_full", 1],
    ["not_permitted", 1],
  ]);
  fixture.bus.accept();
  fixture.clock += LONG_MS;
  await fixture.outbox.send();
  assert.deepEqual([fixture.setAside, fixture.bus.taken.length], [0, 2]);
});

Deno.test("a refused message that is not confirmed when it is tried again holds up nothing", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(FIRED);
  await fixture.outbox.send();
  fixture.bus.leaveUnconfirmed(FIRED);
  for (let attempt = 1; attempt <= 3; attempt++) {
    fixture.clock += LONG_MS;
    await fixture.outbox.send();
    fixture.add(TAGGED);
    await fixture.outbox.send();
    assert.equal(fixture.bus.taken.length, attempt);
  }
  assert.equal(fixture.counters.total("send_failures"), 0);
  const [group] = fixture.store.outbox.setAside.groups();
  assert.deepEqual([group?.reason, group?.messages], ["not_permitted", 1]);
});

Deno.test("a subject that is refused again after some messages is tried with one message again", async () => {
  using fixture = new OutboxFixture();
  fixture.bus.refuse(FIRED);
  fixture.add(...Array.from({ length: 20 }, () => FIRED));
  await fixture.outbox.send();
  let room = 5;
  const [confirmed, refuse] = [{ status: "confirmed" } as const, fixture.bus.answer];
  fixture.bus.answer = (message) => room-- > 0 ? confirmed : refuse(message);
  for (let attempt = 0; attempt < 3; attempt++) {
    fixture.clock += LONG_MS;
    await fixture.outbox.send();
  }
  // The one that was taken, then all the others, and from the refusal on one by one.
  assert.deepEqual(fixture.bus.sizes.slice(1), [1, 19, 1, 1]);
  assert.deepEqual([fixture.bus.taken.length, fixture.setAside], [5, 15]);
});

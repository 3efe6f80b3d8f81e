import assert from "assert";
import { after, NOW, Scratch, tag } from "../scratch.ts";

const event = (envelope: string, ip = "192.0.2.1", at = NOW) => ({
  topic: "attacker.session.ended",
  envelope,
  ip,
  at,
});
const texts = (events: readonly { envelope: string }[]) =>
  events.map(({ envelope }) => envelope).join("");

Deno.test("parked events are found by their address, oldest first", () => {
  using scratch = new Scratch();
  const { parked } = scratch.open();
  parked.add(event("a"));
  parked.add(event("x", "192.0.2.9"));
  parked.add(event("b"));
  const found = parked.byIp("192.0.2.1", 10);
  assert.equal(texts(found), "ab");
  assert.equal(texts(parked.byIp("192.0.2.1", 1)), "a");
  parked.remove(found.map(({ id }) => id));
  assert.equal(parked.count(), 1);
  assert.deepEqual(parked.byIp("192.0.2.1", 10), []);
});

Deno.test("addresses that are somebody's by now are told, each once", () => {
  using scratch = new Scratch();
  const { parked, attackers, tags } = scratch.open();
  // Tags alone do not say whose an address is now.
  tags.insert([tag({ attackerIp: "192.0.2.2" })], NOW);
  for (const ip of ["192.0.2.1", "192.0.2.2", "192.0.2.1"]) parked.add(event("a", ip));
  assert.deepEqual(parked.knownAddresses(), []);
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  attackers.learn({ uuid: "a9", ip: "192.0.2.9", at: NOW });
  assert.deepEqual(parked.knownAddresses(), ["192.0.2.1"]);
});

Deno.test("a parked event is due again when its time has come", () => {
  using scratch = new Scratch();
  const { parked } = scratch.open();
  parked.add(event("a"));
  parked.add(event("b", "192.0.2.1", after(1)));
  const [first] = parked.due(10, NOW);
  assert.equal(first?.envelope, "a");
  parked.postpone([first?.id ?? 0], after(9));
  assert.equal(texts(parked.due(10, after(8))), "b");
  assert.equal(texts(parked.due(10, after(9))), "ba");
  assert.equal(parked.due(10, after(9))[1]?.attempts, 1);
});

Deno.test("retention drops what waited too long and the oldest of too many", () => {
  using scratch = new Scratch();
  const { parked } = scratch.open();
  for (let minute = 0; minute < 6; minute++) {
    parked.add(event(`${minute}`, "192.0.2.1", after(minute)));
  }
  assert.equal(parked.prune({ maxRows: 4, olderThan: after(1) }), 2);
  assert.equal(texts(parked.byIp("192.0.2.1", 10)), "2345");
});

import assert from "assert";
import { after, identityTag, NOW, Scratch, tag } from "./scratch.ts";

const at = (minutes: number) => after(minutes).toISOString();

Deno.test("an address is new once", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  const sighting = { uuid: "a1", ip: "192.0.2.1", at: NOW };
  assert.deepEqual(attackers.learn(sighting), { newAddress: true });
  assert.deepEqual(attackers.learn(sighting), { newAddress: false });
  assert.deepEqual(attackers.byIp("192.0.2.1"), {
    uuid: "a1",
    ip: "192.0.2.1",
    firstSeen: at(0),
    lastSeen: at(0),
  });
  assert.deepEqual(attackers.byUuid("a1"), attackers.byIp("192.0.2.1"));
  assert.equal(attackers.byIp("192.0.2.2"), undefined);
});

Deno.test("first and last sighting hold whatever the clock does", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  for (const minutes of [0, 0.5, 10, -10, 5]) {
    attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: after(minutes) });
  }
  const { firstSeen, lastSeen } = attackers.byUuid("a1") ?? {};
  assert.deepEqual([firstSeen, lastSeen], [at(-10), at(10)]);
});

Deno.test("an address that another attacker has now is no longer the old one's", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", identityUuid: "i1", at: NOW });
  assert.deepEqual(attackers.learn({ uuid: "a2", ip: "192.0.2.1", at: after(1) }), {
    newAddress: false,
    replaced: "a1",
  });
  assert.equal(attackers.byIp("192.0.2.1")?.uuid, "a2");
  assert.equal(attackers.byUuid("a1")?.identityUuid, "i1");
  attackers.learn({ uuid: "a2", ip: "192.0.2.2", at: after(2) });
  assert.equal(attackers.byIp("192.0.2.1")?.uuid, "a2");
  assert.equal(attackers.byIp("192.0.2.2")?.uuid, "a2");
});

Deno.test("a known identity stays until another one is named", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", identityUuid: "i1", at: NOW });
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: after(5) });
  assert.equal(attackers.byUuid("a1")?.identityUuid, "i1");
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", identityUuid: "i2", at: after(5) });
  assert.equal(attackers.byUuid("a1")?.identityUuid, "i2");
});

Deno.test("an identity takes in attackers, also those that were not seen yet", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  attackers.setIdentity(["a1", "a2"], "i1");
  attackers.setIdentity([], "i9");
  assert.deepEqual(attackers.byUuid("a2"), { uuid: "a2", identityUuid: "i1" });
  assert.deepEqual(attackers.learn({ uuid: "a2", ip: "192.0.2.2", at: after(3) }), {
    newAddress: true,
  });
  assert.deepEqual(attackers.byIp("192.0.2.2"), {
    uuid: "a2",
    ip: "192.0.2.2",
    identityUuid: "i1",
    firstSeen: at(3),
    lastSeen: at(3),
  });
});

Deno.test("a merged identity hands over its attackers and its tags", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const { attackers } = store;
  attackers.setIdentity(["a1"], "loser");
  attackers.setIdentity(["a2"], "other");
  const [own, foreign] = [identityTag("loser"), identityTag("other")];
  store.tags.insert([own, foreign], NOW);
  attackers.mergeIdentity("loser", "winner");
  attackers.mergeIdentity("other", "other");
  assert.equal(attackers.byUuid("a1")?.identityUuid, "winner");
  assert.equal(attackers.byUuid("a2")?.identityUuid, "other");
  assert.equal(store.tags.get(own.uuid)?.identityUuid, "winner");
  assert.equal(store.tags.get(foreign.uuid)?.identityUuid, "other");
});

Deno.test("all attackers are listed in order while others are learned", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const uuids = Array.from({ length: 1203 }, (_, i) => `a${String(i).padStart(5, "0")}`);
  store.transaction(() => {
    for (const [i, uuid] of uuids.entries()) {
      store.attackers.learn({ uuid, ip: `10.0.${i >> 8}.${i & 255}`, at: NOW });
    }
  });
  const seen: string[] = [];
  for (const { uuid } of store.attackers.list()) {
    if (seen.length === 3) store.attackers.learn({ uuid: "0", ip: "192.0.2.7", at: NOW });
    seen.push(uuid);
  }
  assert.deepEqual(seen, uuids);
  assert.equal(store.attackers.count(), 1204);
});

Deno.test("what was forgotten cannot be read in the file any more", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const secret = "only-this-one-typed-this";
  store.tags.insert([tag({ evidence: { matched: secret } })], NOW);
  store.checkpoint();
  const holds = () =>
    new TextDecoder("latin1").decode(Deno.readFileSync(scratch.file)).includes(secret);
  assert.ok(holds());
  store.forget({ uuid: "a1" });
  store.checkpoint();
  assert.ok(!holds());
});

Deno.test("a forgotten attacker leaves nothing behind, and others are untouched", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const parked = { topic: "t", envelope: "{}", at: NOW };
  store.tags.insert([tag(), tag(), tag({ attackerUuid: "a2" })], NOW);
  store.tags.bump({ ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 });
  store.attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  store.intel.put("a1", { aggregate_verdict: "malicious" }, NOW);
  store.intel.put("a2", { aggregate_verdict: "benign" }, NOW);
  store.parked.add({ ...parked, ip: "192.0.2.1" });
  store.parked.add({ ...parked, ip: "192.0.2.2" });
  const messages = ['{"attacker_uuid":"a1"}', '{"attacker_uuid":"a11"}', '{"ip":"192.0.2.10"}'];
  for (const payload of messages) {
    store.outbox.add([{ id: payload, subject: "ttp.tagged", payload }], NOW);
    store.deadLetters.add({ topic: "t", reason: "r", excerpt: payload, at: NOW });
  }
  store.deadLetters.add({ topic: "t", reason: "r", excerpt: '{"ip":"192.0.2.1"}', at: NOW });
  assert.deepEqual(store.forget({ uuid: "a1" }), {
    tags: 2,
    parked: 1,
    announcements: 1,
    deadLetters: 2,
    intel: 1,
    attackers: 1,
  });
  assert.deepEqual(store.outbox.oldest(9).map(({ id }) => id), messages.slice(1));
  assert.equal(store.deadLetters.count(), 2);
  assert.equal(store.attackers.byUuid("a1"), undefined);
  assert.equal(store.intel.get("a1", NOW), undefined);
  assert.deepEqual(store.intel.get("a2", NOW), { aggregate_verdict: "benign" });
  assert.equal(store.tags.count(), 1);
  assert.equal(store.parked.count(), 1);
  assert.equal(store.database.scalar("SELECT count(*) FROM tag_bump"), 0);
  assert.equal(Object.values(store.forget({ uuid: "a1" })).reduce((a, b) => a + b), 0);
  // Nobody knows whose this address is; its events wait all the same.
  assert.equal(store.forget({ ip: "192.0.2.2" }).parked, 1);
});

Deno.test("an address whose uuid was minted takes its central one, and all its tags follow", () => {
  using scratch = new Scratch();
  const { attackers, tags } = scratch.open();
  const ip = "192.0.2.1";
  attackers.learn({ uuid: "minted", ip, minted: true, at: NOW });
  const one = tag({ attackerUuid: "minted", attackerIp: ip });
  tags.insert([one], NOW);
  attackers.learn({ uuid: "central", ip: "192.0.2.2", at: NOW });
  assert.deepEqual(attackers.learn({ uuid: "central", ip, at: after(1) }), {
    newAddress: false,
    adopted: "minted",
  });
  assert.equal(tags.get(one.uuid)?.attackerUuid, "central");
  assert.equal(attackers.byUuid("minted"), undefined);
  assert.deepEqual([attackers.byIp(ip)?.uuid, attackers.byIp("192.0.2.2")?.uuid], [
    "central",
    "central",
  ]);
  assert.equal(
    attackers.learn({ uuid: "minted", ip, minted: true, at: after(2) }).adopted,
    undefined,
  );
});

Deno.test("tags that were written before an address was learned get it, and another central uuid does not take them", () => {
  using scratch = new Scratch();
  const { attackers, tags } = scratch.open();
  const [first, second] = [tag(), tag({ attackerUuid: "a2" })];
  tags.insert([first], NOW);
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", at: NOW });
  assert.equal(tags.get(first.uuid)?.attackerIp, "192.0.2.1");
  assert.equal(attackers.learn({ uuid: "a2", ip: "192.0.2.1", at: after(1) }).replaced, "a1");
  tags.insert([second], after(2));
  assert.deepEqual([first, second].map(({ uuid }) => tags.get(uuid)?.attackerUuid), ["a1", "a2"]);
  assert.equal(tags.get(second.uuid)?.attackerIp, "192.0.2.1");
});

Deno.test("a merge of identities can be taken back, however deep", () => {
  using scratch = new Scratch();
  const { attackers, tags } = scratch.open();
  const one = identityTag("i1");
  tags.insert([one], NOW);
  const shown = () => tags.get(one.uuid)?.identityUuid;
  attackers.mergeIdentity("i1", "i2");
  attackers.mergeIdentity("i2", "i3");
  assert.equal(shown(), "i3");
  attackers.identities.unmerge("i2");
  assert.equal(shown(), "i2");
  attackers.mergeIdentity("i2", "i1");
  assert.equal(shown(), "i1");
});

Deno.test("a sighting within a minute of the last is not written, unless it says something new", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  const ip = "192.0.2.1";
  attackers.learn({ uuid: "a1", ip, at: NOW });
  attackers.learn({ uuid: "a1", ip, at: after(0.9) });
  assert.equal(attackers.byIp(ip)?.lastSeen, at(0));
  attackers.learn({ uuid: "a1", ip, at: after(1) });
  assert.equal(attackers.byIp(ip)?.lastSeen, at(1));
  attackers.learn({ uuid: "a1", ip, identityUuid: "i1", at: after(1.1) });
  assert.equal(attackers.byIp(ip)?.identityUuid, "i1");
  assert.equal(attackers.learn({ uuid: "a2", ip, at: after(1.2) }).replaced, "a1");
  assert.equal(attackers.byIp(ip)?.uuid, "a2");
});

Deno.test("an address that is seen again is not new, however long after", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  const sighting = { uuid: "a1", ip: "192.0.2.1" };
  attackers.learn({ ...sighting, at: NOW });
  assert.deepEqual(attackers.learn({ ...sighting, at: after(60) }), { newAddress: false });
});

Deno.test("a uuid that was made from an address takes the place of no other", () => {
  using scratch = new Scratch();
  const { attackers } = scratch.open();
  const ip = "192.0.2.1";
  attackers.learn({ uuid: "minted", ip, minted: true, at: NOW });
  // The same uuid told by the centre is no made one any more.
  attackers.learn({ uuid: "minted", ip, at: after(5) });
  assert.deepEqual(attackers.learn({ uuid: "central", ip, at: after(10) }), {
    newAddress: false,
    replaced: "minted",
  });
  assert.deepEqual(attackers.learn({ uuid: "other", ip, minted: true, at: after(15) }), {
    newAddress: false,
    replaced: "central",
  });
  assert.deepEqual(attackers.learn({ uuid: "third", ip, minted: true, at: after(20) }), {
    newAddress: false,
    replaced: "other",
  });
});

Deno.test("a merge that was taken back does not come back with the next one", () => {
  using scratch = new Scratch();
  const { attackers, tags } = scratch.open();
  const one = identityTag("i1");
  tags.insert([one], NOW);
  attackers.mergeIdentity("i1", "i2");
  attackers.identities.unmerge("i1");
  attackers.mergeIdentity("i2", "i3");
  assert.equal(tags.get(one.uuid)?.identityUuid, "i1");
});

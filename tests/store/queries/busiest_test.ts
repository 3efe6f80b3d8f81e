import assert from "assert";
import { busiest } from "../../../lib/store/queries/busiest.ts";
import { after, identityTag, NOW, Scratch, settle, tag } from "../scratch.ts";

Deno.test("the busiest come first, with their first and last tag", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ attackerUuid: "a1", deckyId: "d1" }), identityTag("i1")], NOW);
  store.tags.insert([tag({ attackerUuid: "a2", sessionId: "s1" })], after(1));
  store.tags.insert([tag({ attackerUuid: "a2", confidence: 0.4 })], after(2));
  const at = (minutes: number) => after(minutes).toISOString();
  const [a1, a2] = [
    { id: "a1", tags: 1, firstSeen: at(0), lastSeen: at(0) },
    { id: "a2", tags: 2, firstSeen: at(1), lastSeen: at(2) },
  ];
  assert.deepEqual(busiest(store, "attacker"), [a2, a1]);
  assert.deepEqual(busiest(store, "attacker", {}, 1), [a2]);
  assert.deepEqual(busiest(store, "attacker", { minConfidence: 0.5 }), [
    a1,
    { ...a2, tags: 1, lastSeen: at(1) },
  ]);
  assert.deepEqual(busiest(store, "identity").map(({ id }) => id), ["i1"]);
  assert.deepEqual(busiest(store, "session").map(({ id }) => id), ["s1"]);
  assert.deepEqual(busiest(store, "decky", { since: after(1) }), []);
});

Deno.test("an identity has its own tags and those of its attackers, whenever that became known", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const of = (attackerUuid: string) => tag({ attackerUuid, confidence: 0.4 });
  store.tags.insert([of("a1"), of("a1"), of("a2"), of("a3")], NOW);
  store.tags.insert([identityTag("i1"), tag({ attackerUuid: "a1", identityUuid: "i1" })], after(1));
  const expected = (first: number, last: number, tags: number, id: string) => ({
    id,
    tags,
    firstSeen: after(first).toISOString(),
    lastSeen: after(last).toISOString(),
  });
  for (const settled of [false, true]) {
    if (settled) settle(store);
    store.attackers.setIdentity(["a1"], "i1");
    store.attackers.setIdentity(["a2"], "i2");
    assert.deepEqual(busiest(store, "identity"), [
      expected(0, 1, 4, "i1"),
      expected(0, 0, 1, "i2"),
    ]);
    assert.deepEqual(busiest(store, "identity", { minConfidence: 0.5 }), [
      expected(1, 1, 2, "i1"),
    ]);
    assert.deepEqual(busiest(store, "identity", { until: after(1) }, 1), [
      expected(0, 0, 2, "i1"),
    ]);
  }
});

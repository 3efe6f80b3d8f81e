import assert from "assert";
import { busiest } from "../../../lib/store/queries/busiest.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { assertConsistent } from "../tags/consistency.ts";
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

Deno.test("sessions are counted whole, however they were written and whatever of them was removed", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const of = (sessionId: string, count: number, parts: Partial<Tag> = {}) =>
    Array.from({ length: count }, () => tag({ sourceId: sessionId, sessionId, ...parts }));
  const expect = (...sessions: readonly (readonly [id: string, tags: number])[]) => {
    for (const limit of [1, 3, 100]) {
      const most = busiest(store, "session", {}, limit).map(({ id, tags }) => [id, tags]);
      assert.deepEqual(most, sessions.slice(0, limit));
    }
    assert.deepEqual(
      busiest(store, "session", { since: NOW }, 100).map(({ id, tags }) => [id, tags]),
      sessions,
    );
  };
  for (const settles of [[], [0], [1], [0, 1], [2], [0, 1, 2]]) {
    const settleAt = (place: number) => settles.includes(place) && settle(store);
    store.tags.insert([...of("s1", 2), ...of("s2", 3)], NOW);
    store.tags.insert(of("s3", 2), after(1));
    settleAt(0);
    expect(["s2", 3], ["s1", 2], ["s3", 2]);
    // Again from the same source, and from a source that is something else.
    store.tags.insert(of("s3", 2, { attackerUuid: "a2" }), after(2));
    store.tags.insert(of("s1", 1, { sourceId: "mail" }), after(3));
    store.tags.insert(of("s4", 1, { sourceId: "s4#cmd0" }), after(4));
    settleAt(1);
    expect(["s3", 4], ["s1", 3], ["s2", 3], ["s4", 1]);
    const [s3] = busiest(store, "session", {}, 1);
    assert.deepEqual([s3?.firstSeen, s3?.lastSeen], [
      after(1).toISOString(),
      after(2).toISOString(),
    ]);
    // More than are kept under one source at once.
    store.tags.insert(
      Array.from({ length: 300 }, (_, part) => of("s4", 1, { sourceId: `s4#${part}` })[0]!),
      after(5),
    );
    settleAt(2);
    expect(["s4", 301], ["s3", 4], ["s1", 3], ["s2", 3]);
    assertConsistent(store);
    store.tags.prune({ olderThan: after(2), limit: 100 });
    expect(["s4", 301], ["s3", 2], ["s1", 1]);
    store.tags.insert(of("s2", 2), after(6));
    store.tags.insert(of("s3", 1), after(7));
    expect(["s4", 301], ["s3", 3], ["s2", 2], ["s1", 1]);
    assertConsistent(store);
    for (const attacker of ["a1", "a2"]) store.tags.forget(attacker);
    expect();
  }
});

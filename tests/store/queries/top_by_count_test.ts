import assert from "assert";
import { topByCount } from "../../../lib/store/queries/top_by_count.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import { techniqueSummaries } from "../../../lib/store/queries/summaries.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import { nameHash } from "../../../lib/worker/outbox/name_hash.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { assertConsistent } from "../tags/consistency.ts";
import { after, identityTag, NOW, Scratch, tag } from "../scratch.ts";

type Arguments = Parameters<typeof topByCount>;

const rows = (store: Store, dimension: Arguments[1], filter: TagFilter = {}, limit = 20) =>
  topByCount(store, dimension, filter, { limit }).rows;

Deno.test("who has the most comes first, with their first and last tag", () => {
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
  assert.deepEqual(rows(store, "attacker"), [a2, a1]);
  assert.deepEqual(rows(store, "attacker", {}, 1), [a2]);
  assert.deepEqual(rows(store, "attacker", { minConfidence: 0.5 }), [
    a1,
    { ...a2, tags: 1, lastSeen: at(1) },
  ]);
  assert.deepEqual(rows(store, "identity").map(({ id }) => id), ["i1"]);
  assert.deepEqual(rows(store, "session").map(({ id }) => id), ["s1"]);
  assert.deepEqual(rows(store, "decky", { since: after(1) }), []);
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
  {
    store.attackers.setIdentity(["a1"], "i1");
    store.attackers.setIdentity(["a2"], "i2");
    assert.deepEqual(rows(store, "identity"), [
      expected(0, 1, 4, "i1"),
      expected(0, 0, 1, "i2"),
    ]);
    assert.deepEqual(rows(store, "identity", { minConfidence: 0.5 }), [
      expected(1, 1, 2, "i1"),
    ]);
    assert.deepEqual(rows(store, "identity", { until: after(1) }, 1), [
      expected(0, 0, 2, "i1"),
    ]);
  }
});

Deno.test("sessions are counted whole, however they were written and whatever of them was removed", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const of = (sessionId: string, count: number, parts: Partial<Tag> = {}) =>
    Array.from({ length: count }, () => tag({ sessionId, ...parts }));
  const expect = (...sessions: readonly (readonly [id: string, tags: number])[]) => {
    for (const limit of [1, 3, 100]) {
      const most = rows(store, "session", {}, limit).map(({ id, tags }) => [id, tags]);
      assert.deepEqual(most, sessions.slice(0, limit));
    }
    const since = rows(store, "session", { since: NOW }, 100).map(({ id, tags }) => [id, tags]);
    assert.deepEqual(since, sessions);
    assertConsistent(store);
  };
  store.tags.insert([...of("s1", 2), ...of("s2", 3)], NOW);
  store.tags.insert(of("s3", 2), after(1));
  expect(["s2", 3], ["s1", 2], ["s3", 2]);
  store.tags.insert(of("s3", 2, { attackerUuid: "a2" }), after(2));
  store.tags.insert(of("s1", 1, { sourceKind: "email" }), after(3));
  store.tags.insert(of("s4", 301), after(4));
  expect(["s4", 301], ["s3", 4], ["s1", 3], ["s2", 3]);
  const [, s3] = rows(store, "session", {}, 2);
  assert.deepEqual([s3?.firstSeen, s3?.lastSeen], [after(1).toISOString(), after(2).toISOString()]);
  store.tags.prune({ olderThan: after(2), limit: 100 });
  expect(["s4", 301], ["s3", 2], ["s1", 1]);
  store.tags.insert(of("s2", 2), after(6));
  expect(["s4", 301], ["s3", 2], ["s2", 2], ["s1", 1]);
  for (const attacker of ["a1", "a2"]) store.tags.forget(attacker);
  expect();
});

Deno.test("two deckies whose names have the same hash are two", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const [one, other] = ["decky-4d73p", "decky-bri98"] as const;
  assert.equal(nameHash(one), nameHash(other));
  store.tags.insert([tag({ deckyId: one }), tag({ deckyId: other }), tag({ deckyId: other })], NOW);
  assert.deepEqual(rows(store, "decky").map(({ id, tags }) => [id, tags]), [[other, 2], [one, 1]]);
  assert.equal(techniqueSummaries(store, { deckyId: one })[0]?.tags, 1);
  assert.equal([...listTags(store, { deckyId: other })].length, 2);
});

Deno.test("a clock that went back does not bring what happened before into a span", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const past = new Date("1985-10-26T01:21:00Z");
  store.tags.insert([tag({ sessionId: "now", deckyId: "d1" })], NOW);
  store.tags.insert([tag({ sessionId: "then", deckyId: "d1" })], past);
  store.tags.insert([tag({ sessionId: "again", deckyId: "d1" })], after(1));
  const since = { since: new Date("2001-01-01T00:00:00Z") };
  const ids = (filter: TagFilter) => rows(store, "session", filter).map(({ id }) => id).sort();
  assert.deepEqual(ids(since), ["again", "now"]);
  assert.deepEqual(ids({ until: since.since }), ["then"]);
  assert.deepEqual(rows(store, "decky", since).map(({ tags }) => tags), [2]);
  assert.deepEqual(rows(store, "attacker", since)[0]?.firstSeen, NOW.toISOString());
  assert.equal(techniqueSummaries(store, since)[0]?.firstSeen, NOW.toISOString());
  assert.deepEqual([...listTags(store)].map(({ sessionId }) => sessionId), [
    "then",
    "now",
    "again",
  ]);
});

Deno.test("where there are too many to read, the newest tell, and that is said", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (let minute = 0; minute < 30; minute++) {
    store.tags.insert([tag({ attackerUuid: `a${minute % 3}` })], after(minute));
  }
  const sure = { minConfidence: 0.6 };
  const cut = topByCount(store, "attacker", sure, { maxRead: 11 });
  assert.deepEqual(cut.rows, rows(store, "attacker", { ...sure, since: after(19) }));
  assert.deepEqual([cut.cut, cut.total], [true, 3]);
  assert.equal(topByCount(store, "attacker", sure, { maxRead: 30 }).cut, false);
  assert.equal(topByCount(store, "attacker", {}, { maxRead: 1, limit: 1 }).total, 3);
});

Deno.test("attackers and sessions come with their addresses", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ attackerIp: "192.0.2.1", sessionId: "s1" })], NOW);
  store.attackers.learn({ uuid: "a2", ip: "192.0.2.2", at: NOW });
  store.tags.insert([tag({ attackerUuid: "a2", sessionId: "s2" })], after(1));
  for (const dimension of ["attacker", "session"] as const) {
    assert.deepEqual(rows(store, dimension).map(({ ip }) => ip), ["192.0.2.1", "192.0.2.2"]);
  }
});

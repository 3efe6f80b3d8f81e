import assert from "assert";
import { NewTags } from "../../../lib/store/queries/new_tags.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import type { Store } from "../../../lib/store/store.ts";
import { tagUuid } from "../../../lib/tagging/identity.ts";
import { assertConsistent } from "./consistency.ts";
import { after, NOW, Scratch, tag } from "../scratch.ts";

const [A, B, C] = [
  tag({ sourceId: "s1#cmd0" }),
  tag({ sourceId: "s1#cmd1" }),
  tag({ sourceId: "s2" }),
];

const uuids = (store: Store) => new NewTags(store).before(99).map(({ uuid }) => uuid);

Deno.test("a tag that another process has written is known", () => {
  using scratch = new Scratch();
  const [one, other] = [scratch.open(), scratch.open()];
  assert.deepEqual(one.tags.insert([A], NOW), [A]);
  assert.deepEqual(other.tags.insert([A, B], NOW), [B]);
  assert.deepEqual(one.tags.insert([A, B, C], NOW), [C]);
  assert.deepEqual(one.tags.insert([A, B, C], NOW), []);
  assert.deepEqual(scratch.open().tags.insert([A, B, C], NOW), []);
  assert.deepEqual(uuids(one), [A, B, C].map(({ uuid }) => uuid));
});

Deno.test("what was undone can be written again, by whomever", () => {
  using scratch = new Scratch();
  const [one, other] = [scratch.open(), scratch.open()];
  const fail = () => {
    throw new Error("this part fails");
  };
  one.transaction(() => {
    one.tags.insert([A], NOW);
    assert.throws(() =>
      one.transaction(() => {
        one.tags.insert([B], NOW);
        fail();
      })
    );
    assert.deepEqual(one.tags.insert([A, B], NOW), [B]);
    assert.throws(() => one.transaction(() => fail()));
  });
  assert.throws(() =>
    one.transaction(() => {
      one.tags.insert([C], NOW);
      fail();
    })
  );
  assert.deepEqual(other.tags.insert([C], NOW), [C]);
  assert.deepEqual(one.tags.insert([A, B, C], NOW), []);
  assert.deepEqual(uuids(one), [A, B, C].map(({ uuid }) => uuid));
});

Deno.test("a transaction in which another process's tags were learned can be undone", () => {
  using scratch = new Scratch();
  const [one, other] = [scratch.open(), scratch.open()];
  one.tags.insert([A], NOW);
  other.tags.insert([B], NOW);
  assert.throws(() =>
    one.transaction(() => {
      one.tags.insert([C], NOW);
      throw new Error("it fails");
    })
  );
  assert.deepEqual(one.tags.insert([B, C], NOW), [C]);
  assert.throws(() =>
    one.transaction(() => {
      one.tags.insert([tag()], NOW);
      throw new Error("it fails");
    })
  );
  assert.deepEqual(one.tags.insert([A, B, C], NOW), []);
});

Deno.test("a tag belongs to one uuid whoever its attacker is, and to its source alone", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([A], NOW);
  assert.deepEqual(store.tags.insert([{ ...A, attackerUuid: "a2", sessionId: "s9" }], NOW), []);
  const both = [tag({ sourceId: "s1#cmd7" }), tag({ sourceId: "s1#cmd8", attackerUuid: "a2" })];
  const mixed = [both[0]!, tag({ sourceId: "s2" }), both[1]!];
  assert.deepEqual(store.tags.insert(mixed, after(1)), mixed);
  for (const { uuid, attackerUuid, sourceId } of mixed) {
    const stored = store.tags.get(uuid);
    assert.deepEqual([stored?.attackerUuid, stored?.sourceId], [attackerUuid, sourceId]);
  }
});

Deno.test("a tag of a source with a hostile id is known again too", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const ids = ["a\ud800b", "a\u0000b#c", "a\u0000b#", "a\u0000b", "#", "##cmd0", "", "\u202e☃"];
  const hostile = ids.map((sourceId) => tag({ sourceId }));
  store.tags.insert(hostile, NOW);
  assert.deepEqual(scratch.open().tags.insert(hostile, after(1)), []);
  assert.deepEqual(store.tags.insert(hostile, after(1)), []);
  assert.deepEqual(scratch.open().tags.insert(hostile, after(1)), []);
});

Deno.test("an event of which more is written later keeps its owners, and its new tags are told apart by time", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([A], NOW);
  const later = { ...A, ruleVersion: 2, attackerUuid: "a2", observedAt: after(9).toISOString() };
  const second = { ...later, uuid: tagUuid(later) };
  assert.deepEqual(store.tags.insert([A, second], after(5)), [second]);
  const { createdAt, observedAt, attackerUuid } = store.tags.get(second.uuid)!;
  assert.deepEqual([createdAt, observedAt, attackerUuid], [
    after(5).toISOString(),
    NOW.toISOString(),
    "a1",
  ]);
  const labelled = [...listTags(store, { labelledSince: after(1) })];
  assert.deepEqual(labelled.map(({ uuid }) => uuid), [second.uuid]);
  assert.equal(store.tags.prune({ olderThan: after(2), limit: 9 }), 0);
  assert.equal(store.tags.prune({ olderThan: after(6), limit: 9 }), 2);
  assertConsistent(store);
});

Deno.test("who follows new tags sees those that are written after the newest were removed", () => {
  using scratch = new Scratch();
  const [worker, other] = [scratch.open(), scratch.open()];
  worker.tags.insert([A, B, C], NOW);
  const follower = new NewTags(scratch.open({ access: "read_only" }));
  other.tags.forget("a1");
  const later = [tag(), tag()];
  worker.tags.insert(later, after(1));
  assert.deepEqual(follower.next().map(({ uuid }) => uuid), later.map(({ uuid }) => uuid));
});

Deno.test("a label that was undone is not taken for the one that got its number", () => {
  using scratch = new Scratch();
  const [one, other] = [scratch.open(), scratch.open()];
  const [mine, theirs] = [tag({ ruleId: "R0008" }), tag({ ruleId: "R0009" })];
  assert.throws(() =>
    one.transaction(() => {
      one.tags.insert([mine], NOW);
      throw new Error("it fails");
    })
  );
  other.tags.insert([theirs], NOW);
  one.tags.insert([mine], NOW);
  assert.equal(one.tags.get(mine.uuid)?.ruleId, "R0008");
});

Deno.test("who follows new tags gets many of them in pieces, and each once", () => {
  using scratch = new Scratch();
  const worker = scratch.open();
  const follower = new NewTags(scratch.open({ access: "read_only" }));
  worker.tags.insert(Array.from({ length: 1500 }, () => tag()), NOW);
  const pieces = () => [1, 2, 3].map(() => follower.next().length);
  assert.deepEqual(pieces(), [1000, 500, 0]);
  worker.tags.insert([tag()], after(1));
  assert.deepEqual(pieces(), [1, 0, 0]);
});

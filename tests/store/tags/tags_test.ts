import assert from "assert";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { assertConsistent } from "./consistency.ts";
import { after, identityTag, NOW, Scratch, tag } from "../scratch.ts";

Deno.test("a tag comes back as it was written", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const whole = tag({
    identityUuid: "i1",
    sessionId: "s1",
    deckyId: "d1",
    subTechniqueId: "T1083.001",
    evidence: { matched: "\u202e\u0000 ' \" \\ ☃ 🦊", uid: 0, list: [1, null, { a: true }] },
  });
  assert.deepEqual(store.tags.insert([whole], NOW), [whole]);
  assert.deepEqual(store.tags.get(whole.uuid), {
    ...whole,
    observedAt: NOW.toISOString(),
    createdAt: NOW.toISOString(),
  });
});

Deno.test("what a tag does not have is absent, not null", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const small = identityTag("i1");
  store.tags.insert([small], NOW);
  assert.deepEqual(store.tags.get(small.uuid), {
    ...small,
    observedAt: NOW.toISOString(),
    createdAt: NOW.toISOString(),
  });
});

Deno.test("only tags that were not there before count as inserted", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const [a, b, c] = [tag(), tag(), tag()];
  store.tags.insert([b], NOW);
  assert.deepEqual(store.tags.insert([a, b, c, a], after(1)), [a, c]);
  assert.deepEqual(store.tags.insert([a, b, c], after(2)), []);
  assert.equal(store.tags.get(b.uuid)?.createdAt, NOW.toISOString());
  assert.equal(store.tags.count(), 3);
});

Deno.test("of one event and label the first is written, also where ids differ in what is no Unicode", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const [a, b] = [tag({ sourceId: "a\ud800" }), tag({ sourceId: "a\udc00", confidence: 0.1 })];
  assert.equal(a.uuid, b.uuid);
  assert.deepEqual(store.tags.insert([a, b], NOW), [a]);
  assert.equal(store.tags.get(b.uuid)?.confidence, 0.8);
});

Deno.test("a tag without an anchor is refused before anything is written", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const { attackerUuid: _, ...orphan } = tag();
  assert.throws(
    () => store.tags.insert([tag(), orphan], NOW),
    (error: StoreError) => {
      assert.equal(error.code, "anchor");
      assert.ok(error.ownFault && !error.transient);
      assert.match(error.message, /attacker_uuid.*identity_uuid/);
      return true;
    },
  );
  assert.equal(store.tags.count(), 0);
});

for (
  const [what, parts] of [
    ["confidence above 1", { confidence: 1.01 }],
    ["confidence below 0", { confidence: -0.01 }],
    ["confidence that is no number", { confidence: Number.NaN }],
  ] satisfies [string, Partial<Tag>][]
) {
  Deno.test(`the table refuses a ${what}, as the fault of that tag`, () => {
    using scratch = new Scratch();
    const store = scratch.open();
    assert.throws(
      () => store.tags.insert([tag(), tag(parts)], NOW),
      (error: StoreError) => error.code === "constraint" && error.ownFault,
    );
    assert.equal(store.tags.count(), 0);
  });
}

Deno.test("the tables themselves refuse what has no anchor, and evidence that is not JSON", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag()], NOW);
  const { database } = store;
  const event = (address: number) =>
    database.run(
      `INSERT INTO event (source_kind, source_id, address, observed_at, created_at)
        VALUES ('command', 's', ${address}, '2026', '2026')`,
    );
  const evidence = (json: string) =>
    database.run(
      `INSERT INTO tag (event, label, uuid, confidence, evidence)
        VALUES ((SELECT max(id) FROM event), 1, 'u', 0.5, ${json})`,
    );
  const refused = (error: StoreError) => error.code === "constraint";
  assert.throws(() => event(0), refused);
  event(1);
  assert.throws(() => evidence("'{'"), refused);
  assert.throws(() => evidence("NULL"), refused);
  evidence("'{}'");
  assert.throws(() => evidence("'{}'"), refused, "a label is there once");
});

Deno.test("a bump raises each tag of an attacker once, and never above its ceiling", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const tags = [0.5, 0.93, 0.95, 0.99].map((confidence) => tag({ confidence }));
  const other = tag({ attackerUuid: "a2", confidence: 0.5 });
  store.tags.insert([...tags, other], NOW);
  const bump = { ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 };
  const confidences = () => tags.map(({ uuid }) => store.tags.get(uuid)?.confidence);

  assert.equal(store.tags.bump(bump), 2);
  assert.deepEqual(confidences(), [0.55, 0.95, 0.95, 0.99]);
  assert.equal(store.tags.bump(bump), 0);
  assert.deepEqual(confidences(), [0.55, 0.95, 0.95, 0.99]);
  assert.equal(store.tags.get(other.uuid)?.confidence, 0.5);

  store.tags.insert([tag({ confidence: 0.1 })], after(1));
  assert.equal(store.tags.bump(bump), 1);
  assertConsistent(store);
});

Deno.test("tags are counted by tactic", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag(), tag({ tactic: "TA0002", ruleId: "R0001" }), tag()], NOW);
  assert.deepEqual([...store.tags.countByTactic()], [["TA0002", 1], ["TA0007", 2]]);
});

Deno.test("the totals follow inserts, undone parts, deletions and forgetting", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    store.tags.insert([tag(), tag({ confidence: 0.7 })], NOW);
    assert.throws(() =>
      store.transaction(() => {
        store.tags.insert([tag(), tag()], NOW);
        throw new Error("this part fails");
      })
    );
    store.transaction(() => store.tags.insert([tag({ attackerUuid: "a2" })], after(61)));
  });
  assert.equal(store.tags.count(), 3);
  assertConsistent(store);
  assert.throws(() =>
    store.transaction(() => {
      store.tags.insert([tag()], NOW);
      throw new Error("all of it fails");
    })
  );
  assertConsistent(store);
  store.tags.insert([tag({ attackerUuid: "a2" })], after(5));
  assert.equal(store.tags.forget("a2"), 2);
  assertConsistent(store);
  assert.equal(store.tags.count(), 2);
});

Deno.test("the totals are right where one transaction writes, raises and deletes", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ confidence: 0.5 }), tag({ attackerUuid: "a2" })], NOW);
  store.transaction(() => {
    store.tags.insert([tag(), tag({ attackerUuid: "a2" }), tag()], after(1));
    store.tags.bump({ ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 });
    assert.equal(store.tags.forget("a2"), 2);
    store.tags.insert([tag()], after(2));
  });
  assertConsistent(store);
  assert.equal(store.tags.count(), 4);
});

Deno.test("retention deletes what is older, oldest first, in chunks", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  for (let minute = 0; minute < 10; minute++) {
    store.tags.insert([tag({ sourceId: `m${minute}` }), tag()], after(minute * 10));
  }
  const until = after(70);
  const steps: number[] = [];
  for (let removed = 5; removed > 0;) {
    removed = store.tags.prune({ olderThan: until, limit: 5 });
    steps.push(removed);
    assertConsistent(store);
  }
  assert.deepEqual(steps, [5, 5, 4, 0]);
  assert.equal(store.tags.count(), 6);
  assert.equal(store.tags.prune({ olderThan: until, limit: 5 }), 0);
});

Deno.test("events of one id and two kinds are two, also when they are written together", () => {
  using scratch = new Scratch();
  const { tags } = scratch.open();
  const pair = [
    tag({ sourceId: "x", sourceKind: "command" }),
    tag({ sourceId: "x", sourceKind: "payload" }),
  ];
  assert.deepEqual(tags.insert(pair, NOW), pair);
  assert.deepEqual(pair.map(({ uuid }) => tags.get(uuid)?.sourceKind), ["command", "payload"]);
});

Deno.test("a tag is dated by when it happened, and by when it was written where that is not said", () => {
  using scratch = new Scratch();
  const { tags } = scratch.open();
  const [old, undated] = [tag({ observedAt: after(-90).toISOString() }), tag()];
  tags.insert([old, undated], NOW);
  const { observedAt, createdAt } = tags.get(old.uuid)!;
  assert.deepEqual([observedAt, createdAt], [after(-90).toISOString(), NOW.toISOString()]);
  assert.equal(tags.get(undated.uuid)?.observedAt, NOW.toISOString());
});

Deno.test("what happened long ago and was labelled lately is kept", () => {
  using scratch = new Scratch();
  const { tags } = scratch.open();
  tags.insert([tag({ observedAt: after(-9000).toISOString() })], NOW);
  assert.equal(tags.prune({ olderThan: after(-1), limit: 9 }), 0);
  assert.equal(tags.prune({ olderThan: after(1), limit: 9 }), 1);
});

Deno.test("a chunk of retention has whole events, and one at least", () => {
  using scratch = new Scratch();
  const { tags } = scratch.open();
  const eventOf = (sourceId: string) =>
    ["R0001", "R0002", "R0003"].map((ruleId) => tag({ sourceId, ruleId }));
  for (const [minute, id] of ["x", "y", "z"].entries()) tags.insert(eventOf(id), after(minute));
  const olderThan = after(60);
  assert.equal(tags.prune({ olderThan, limit: 2 }), 3, "more than fit, but one event");
  assert.equal(tags.prune({ olderThan, limit: 4 }), 3, "no part of the next event");
  assert.equal(tags.prune({ olderThan, limit: 4 }), 3);
  assert.equal(tags.prune({ olderThan, limit: 4 }), 0);
});

Deno.test("a raised confidence has no more than four places", () => {
  using scratch = new Scratch();
  const { tags } = scratch.open();
  const low = tag({ confidence: 0.1 });
  tags.insert([low], NOW);
  tags.bump({ ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 });
  assert.equal(tags.get(low.uuid)?.confidence, 0.15);
});

Deno.test("the identity of an attacker that is known stays when tags name another", () => {
  using scratch = new Scratch();
  const { tags, attackers } = scratch.open();
  attackers.learn({ uuid: "a1", ip: "192.0.2.1", identityUuid: "i1", at: NOW });
  tags.insert([tag({ identityUuid: "i2" })], NOW);
  assert.equal(attackers.byUuid("a1")?.identityUuid, "i1");
});

Deno.test("what was added before a part that failed is counted", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.transaction(() => {
    store.tags.insert([tag()], NOW);
    assert.throws(() =>
      store.transaction(() => {
        throw new Error("this part fails");
      })
    );
  });
  assert.equal(store.tags.count(), 1);
  assertConsistent(store);
});

Deno.test("thousands of tags are indexed by their uuids, and leave nothing there when they go", () => {
  using scratch = new Scratch();
  const { tags, database } = scratch.open();
  const many = Array.from({ length: 8200 }, () => tag());
  const indexed = () =>
    Number(database.scalar("SELECT count(*) FROM tag_uuid_index WHERE last_tag <= 8200"));
  tags.insert(many, NOW);
  assert.equal(indexed(), 1);
  for (const one of [many[0]!, many[8199]!]) assert.equal(tags.get(one.uuid)?.uuid, one.uuid);
  tags.insert([tag()], after(1));
  assert.equal(tags.prune({ olderThan: after(1), limit: 8200 }), 8200);
  assert.equal(indexed(), 0);
  assert.equal(tags.get(many[0]!.uuid), undefined);
});

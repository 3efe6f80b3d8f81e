import assert from "assert";
import type { StoreError } from "../../../lib/store/sqlite/errors.ts";
import type { Store } from "../../../lib/store/store.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
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
  assert.deepEqual(store.tags.get(whole.uuid), { ...whole, createdAt: NOW.toISOString() });
});

Deno.test("what a tag does not have is absent, not null", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const small = identityTag("i1");
  store.tags.insert([small], NOW);
  assert.deepEqual(store.tags.get(small.uuid), { ...small, createdAt: NOW.toISOString() });
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

Deno.test("of one uuid twice the first is written, also where ids differ in what is no Unicode", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const [a, b] = [tag({ sourceId: "a\ud800" }), tag({ sourceId: "a\udc00", confidence: 0.1 })];
  const twice = { ...b, sourceId: "a\ud800", confidence: 0.9 };
  assert.deepEqual(store.tags.insert([a, b, twice], NOW), [a, b]);
  assert.equal(store.tags.get(b.uuid)?.confidence, 0.1);
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
  const { database } = scratch.open();
  const origin = (anchor: string) =>
    database.run(
      `INSERT INTO tag_origin (id, last_tag, is_again, source, attacker_uuid, created_at)
        VALUES (1, 1, 0, 's', ${anchor}, '2026')`,
    );
  const evidence = (json: string) =>
    database.run(
      `INSERT INTO tag (label, uuid, source_rest, confidence, evidence)
        VALUES (1, 'u', '', 0.5, ${json})`,
    );
  const refused = (error: StoreError) => error.code === "constraint";
  assert.throws(() => origin("NULL"), refused);
  assert.throws(() => evidence("'{'"), refused);
  assert.throws(() => evidence("NULL"), refused);
  origin("'a'");
  evidence("'{}'");
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
  assertSumsMatch(store);
});

Deno.test("tags are counted by tactic", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag(), tag({ tactic: "TA0002" }), tag()], NOW);
  assert.deepEqual([...store.tags.countByTactic()], [["TA0002", 1], ["TA0007", 2]]);
});

Deno.test("the hourly sums follow inserts, undone parts, deletions and forgetting", () => {
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
  assertSumsMatch(store);
  assert.throws(() =>
    store.transaction(() => {
      store.tags.insert([tag()], NOW);
      throw new Error("all of it fails");
    })
  );
  assertSumsMatch(store);
  store.tags.insert([tag({ attackerUuid: "a2" })], after(5));
  assert.equal(store.tags.forget("a2"), 2);
  assertSumsMatch(store);
  assert.equal(store.tags.count(), 2);
});

Deno.test("the hourly sums are right where one transaction writes, raises and deletes", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ confidence: 0.5 }), tag({ attackerUuid: "a2" })], NOW);
  store.transaction(() => {
    store.tags.insert([tag(), tag({ attackerUuid: "a2" }), tag()], after(1));
    store.tags.bump({ ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 });
    assert.equal(store.tags.forget("a2"), 2);
    store.tags.insert([tag()], after(2));
  });
  assertSumsMatch(store);
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
    assertSumsMatch(store);
  }
  assert.deepEqual(steps, [5, 5, 4, 0]);
  assert.equal(store.tags.count(), 6);
  assert.equal(store.tags.prune({ olderThan: until, limit: 5 }), 0);
});

/** The sums must be what counting the tags gives. */
function assertSumsMatch(store: Store): void {
  const sums = store.database.prepare("SELECT * FROM tag_hourly ORDER BY 1, 2, 3, 4, 5, 6, 7")
    .all();
  const counted = store.database.prepare(
    `SELECT substr(created_at, 1, 13) AS hour, rule_id, tactic, technique_id,
      coalesce(sub_technique_id, '') AS sub_technique_id, attack_release, confidence,
      count(*) AS tags, min(created_at) AS first_at, max(created_at) AS last_at
      FROM ttp_tag GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7`,
  ).all();
  assert.deepEqual(sums, counted);
}

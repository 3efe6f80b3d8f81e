import assert from "assert";
import { busiest } from "../../../lib/store/queries/busiest.ts";
import { examples } from "../../../lib/store/queries/examples.ts";
import { leaders } from "../../../lib/store/queries/leaders.ts";
import type { Dimension } from "../../../lib/store/queries/name_counts.ts";
import { techniqueSummaries } from "../../../lib/store/queries/summaries.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import { Settling } from "../../../lib/store/tags/settling.ts";
import type { Store } from "../../../lib/store/store.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { after, identityTag, NOW, Scratch, settle, tag } from "../scratch.ts";

const TECHNIQUES = ["T1083", "T1046", "T1105"];

/** A tag of one of three attackers on one of two deckies, in a session of up to four. */
function numbered(number: number): Tag {
  const session = `s${number >> 2}`;
  return tag({
    uuid: `${
      (number * 2654435761 % 2 ** 32).toString(16).padStart(8, "0")
    }-0000-5000-8000-000000000000`,
    sourceId: number % 5 === 0 ? `own-${number}` : `${session}#cmd${number % 4}`,
    attackerUuid: `a${(number >> 2) % 3}`,
    sessionId: session,
    deckyId: `d${number % 2}`,
    techniqueId: TECHNIQUES[number % 3]!,
    confidence: number % 4 === 0 ? 0.5 : 0.9,
    ...(number % 7 === 0 && { identityUuid: "i1" }),
  });
}

function fill(store: Store, from: number, to: number): void {
  for (let number = from; number < to; number++) {
    store.tags.insert([numbered(number)], after(number));
  }
  store.tags.insert(
    [identityTag("i2", { uuid: `${from}1111111-0000-4000-8000-000000000000` })],
    after(to),
  );
}

const FILTERS: readonly TagFilter[] = [
  {},
  { since: after(10) },
  { until: after(25) },
  { since: after(10), until: after(25) },
  { attackerUuid: "a1" },
  { attackerUuid: "a1", until: after(25), minConfidence: 0.6 },
  { identityUuid: "i1" },
  { identityUuid: "i2", techniqueId: "T1083" },
  { sessionId: "s3" },
  { deckyId: "d1", since: after(5) },
  { techniqueId: "T1046" },
];

/** All that can be asked. */
function answers(store: Store): unknown {
  return FILTERS.map((filter) => ({
    filter,
    oldest: [...listTags(store, filter)],
    newest: [...listTags(store, filter, { first: "newest", limit: 5 })],
    techniques: techniqueSummaries(store, filter),
    busiest: (["attacker", "identity", "session", "decky"] as readonly Dimension[])
      .map((dimension) => busiest(store, dimension, filter, 100)),
    leaders: leaders(store, "attacker", filter, { limit: 2 }),
    examples: [...examples(store, techniqueSummaries(store, filter), filter, 3)],
  }));
}

Deno.test("every answer is the same, however many tags the indexes hold", () => {
  using scratch = new Scratch();
  const [fresh, half, settled] = ["fresh", "half", "settled"]
    .map((name) => scratch.open({}, `${scratch.directory}/${name}.db`)) as [Store, Store, Store];
  for (const store of [fresh, half, settled]) {
    store.attackers.learn({ uuid: "a2", ip: "192.0.2.2", identityUuid: "i1", at: NOW });
    fill(store, 0, 20);
    if (store === half) settle(store);
    fill(store, 20, 40);
    if (store === settled) settle(store);
  }
  const expected = answers(fresh);
  assert.deepEqual(answers(half), expected);
  assert.deepEqual(answers(settled), expected);
  assert.equal(fresh.database.scalar("SELECT count(*) FROM tag_name"), 0);
  assert.ok(Number(settled.database.scalar("SELECT count(*) FROM tag_name")) > 40);
  for (const store of [fresh, half, settled]) {
    for (const number of [0, 19, 20, 39]) {
      const { uuid } = numbered(number);
      assert.equal(store.tags.get(uuid)?.sourceId, numbered(number).sourceId);
    }
    assert.equal(store.tags.get("ffffffff-0000-5000-8000-000000000000"), undefined);
    assert.equal(store.tags.get("no uuid"), undefined);
    const all = Array.from({ length: 40 }, (_, number) => numbered(number));
    assert.deepEqual(store.tags.insert(all, after(99)), []);
  }
});

Deno.test("what is removed or given to another identity is so in the indexes too", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store, 0, 40);
  settle(store);
  fill(store, 40, 60);
  const of = (filter: TagFilter) => [...listTags(store, filter)].length;
  const before = [of({ identityUuid: "i1" }), of({ identityUuid: "i2" })];
  store.attackers.mergeIdentity("i2", "i1");
  assert.deepEqual([of({ identityUuid: "i1" }), of({ identityUuid: "i2" })], [
    before[0]! + before[1]!,
    0,
  ]);
  const gone = of({ attackerUuid: "a1" });
  assert.equal(store.tags.forget("a1"), gone);
  assert.equal(of({ attackerUuid: "a1" }), 0);
  assert.deepEqual(busiest(store, "attacker").map(({ id }) => id).toSorted(), ["a0", "a2"]);
  while (store.tags.prune({ olderThan: after(500), limit: 7 }) > 0) {
    const counted = busiest(store, "attacker").reduce((sum, { tags }) => sum + tags, 0);
    assert.equal(
      counted,
      [...listTags(store)].filter((one) => one.attackerUuid !== undefined).length,
    );
  }
  for (
    const table of [
      "tag",
      "tag_origin",
      "tag_name",
      "tag_of_label",
      "tag_digest",
      "decky_sum",
      "tag_hourly",
    ]
  ) {
    assert.equal(store.database.scalar(`SELECT count(*) FROM ${table}`), 0, table);
  }
});

Deno.test("the indexes are brought up to date by themselves once there is much", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const settled = () => ({ ...new Settling(store.database).settled });
  const many = (session: string, tags: number) =>
    Array.from({ length: tags }, (_, number) => tag({ sourceId: `${session}#cmd${number}` }));
  store.tags.insert(many("s1", 8_000), NOW);
  assert.deepEqual(settled(), { names: 0, labels: 0 });
  store.tags.insert(many("s2", 1_000), NOW);
  assert.deepEqual(settled(), { names: 0, labels: 9_000 });
  store.transaction(() => {
    for (let number = 0; number < 32_766; number++) {
      store.tags.insert([tag({ sourceId: `other-${number}` })], NOW);
    }
  });
  assert.deepEqual(settled(), { names: 41_766, labels: 41_766 });
  store.tags.insert(many("s3", 131_072), NOW);
  assert.deepEqual(settled(), { names: 172_838, labels: 172_838 });
});

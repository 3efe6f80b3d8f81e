import assert from "assert";
import { examples } from "../../../lib/store/queries/examples.ts";
import { techniqueSummaries } from "../../../lib/store/queries/summaries.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import { after, NOW, Scratch, tag } from "../scratch.ts";

const SETUID = { tactic: "TA0004", techniqueId: "T1548", subTechniqueId: "T1548.001" };

/** Matched texts of the examples by technique, with how many are alike. */
function found(store: Store, filter: TagFilter = {}, limit = 9): Record<string, string[]> {
  const map = examples(store, techniqueSummaries(store, filter), filter, limit);
  return Object.fromEntries(
    Array.from(map, ([key, list]) => [
      key,
      list.map(({ tag, alike }) =>
        `${alike} ${tag.evidence.matched} ${tag.createdAt.slice(11, 16)}`
      ),
    ]),
  );
}

function fill(store: Store): void {
  const matched = (text: string) => ({ evidence: { matched: text } });
  store.tags.insert([tag({ ...matched("find /"), confidence: 0.9 })], NOW);
  store.tags.insert([tag(matched("ls")), tag({ ...SETUID, ...matched("find -perm") })], after(1));
  store.tags.insert([tag(matched("ls")), tag({ ...SETUID, attackerUuid: "a2" })], after(2));
}

Deno.test("of each technique the surest come first, the newest of those alike", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  assert.deepEqual(found(store), {
    "TA0007 T1083": ["1 find / 12:30", "2 ls 12:32"],
    "TA0004 T1548.001": ["1 find / 12:32", "1 find -perm 12:31"],
  });
  assert.deepEqual(found(store, {}, 1)["TA0007 T1083"], ["1 find / 12:30"]);
});

Deno.test("only what the filter means is an example", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  assert.deepEqual(found(store, { attackerUuid: "a2" }), {
    "TA0004 T1548.001": ["1 find / 12:32"],
  });
  assert.deepEqual(found(store, { until: after(1) }), { "TA0007 T1083": ["1 find / 12:30"] });
  assert.deepEqual(found(store, { minConfidence: 0.85 }), { "TA0007 T1083": ["1 find / 12:30"] });
  assert.deepEqual(found(store, { tactic: "TA0002" }), {});
});

Deno.test("a technique that has not been seen for long has its example all the same", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ subTechniqueId: "T1083.001", evidence: { matched: "old" } })], NOW);
  store.tags.insert(Array.from({ length: 500 }, () => tag()), after(60));
  assert.deepEqual(found(store), {
    "TA0007 T1083": ["200 find / 13:30"],
    "TA0007 T1083.001": ["1 old 12:30"],
  });
});

Deno.test("where there is room, the same evidence is shown of other attackers too", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  store.tags.insert([tag({ attackerUuid: "a2", evidence: { matched: "ls" } })], after(3));
  store.tags.insert([tag({ attackerUuid: "a3", evidence: { matched: "pwd" } })], after(0));
  const all = ["1 find / 12:30", "1 ls 12:33", "1 pwd 12:30", "2 ls 12:32"];
  for (const limit of [1, 2, 3, 4]) {
    assert.deepEqual(found(store, {}, limit)["TA0007 T1083"], all.slice(0, limit));
  }
});

Deno.test("tags of two releases are examples of one technique", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const old = { attackRelease: "enterprise-18.1", ruleVersion: 2 };
  store.tags.insert([tag(old), tag(old), tag({ ...old, evidence: { matched: "ls" } })], NOW);
  store.tags.insert([tag()], after(1));
  assert.deepEqual(found(store), { "TA0007 T1083": ["3 find / 12:31", "1 ls 12:30"] });
});

Deno.test("a tag of before a time is found behind thousands of later ones", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  store.tags.insert(Array.from({ length: 5200 }, () => tag()), after(60));
  assert.deepEqual(found(store, { until: after(30) }, 1)["TA0007 T1083"], ["1 find / 12:30"]);
});

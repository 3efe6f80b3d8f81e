import assert from "assert";
import { techniqueSummaries } from "../../../lib/store/queries/summaries.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { assertConsistent } from "./consistency.ts";
import { after, NOW, Scratch, settle, tag } from "../scratch.ts";

const BUMP = { ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 };

/** Some tags of three deckies, and some of none. */
function some(count: number, parts: Partial<Tag> = {}): readonly Tag[] {
  return Array.from({ length: count }, (_, number) => {
    const sourceId = `s-${crypto.randomUUID()}`;
    const decky = ["d1", "d2", "d\0x"][number % 4];
    return tag({
      ...{ sourceId, sessionId: sourceId, confidence: number % 3 === 0 ? 0.8 : 0.4 },
      ...(decky !== undefined && { deckyId: decky }),
      ...parts,
    });
  });
}

/** Brings the indexes up to date the way a worker does, which has noted what it wrote. */
function settleByRetention(store: Store): void {
  store.tags.insert([tag({ sourceId: "old" })], after(-60));
  assert.equal(store.tags.prune({ olderThan: NOW, limit: 1 }), 1);
}

function assertRight(store: Store): void {
  assertConsistent(store);
  const filters: readonly TagFilter[] = [
    {},
    { minConfidence: 0.5 },
    { minConfidence: 0.82 },
    { techniqueId: "T1105" },
    { tactic: "TA0007", ruleId: "R0015" },
  ];
  for (const deckyId of ["d1", "d2", "d\0x", "d3"]) {
    for (const filter of filters) {
      const tags = [...listTags(store, { ...filter, deckyId })];
      const summed = techniqueSummaries(store, { ...filter, deckyId });
      for (const { techniqueId, ...summary } of summed) {
        const same = tags.filter((one) => one.techniqueId === techniqueId);
        assert.deepEqual(
          [summary.tags, summary.firstSeen, summary.lastSeen, summary.bestConfidence],
          [
            same.length,
            same[0]?.createdAt,
            same.at(-1)?.createdAt,
            Math.max(...same.map(({ confidence }) => confidence)),
          ],
        );
      }
      assert.equal(summed.reduce((sum, summary) => sum + summary.tags, 0), tags.length);
    }
  }
}

Deno.test.each(
  [
    ["are written", () => {}],
    ["are raised", (one) => one.tags.bump(BUMP)],
    ["are raised by another process", (_, two) => two.tags.bump(BUMP)],
    ["are followed by another process's", (_, two) => two.tags.insert(some(9), after(3))],
    ["are settled by another process", (_, two) => settle(two)],
    ["are settled and raised", (one) => {
      settleByRetention(one);
      one.tags.bump(BUMP);
    }],
    ["are undone in part", (one) => {
      one.transaction(() => {
        one.tags.insert(some(9), after(3));
        assert.throws(() =>
          one.transaction(() => {
            one.tags.insert(some(9), after(3));
            throw new Error("no");
          })
        );
        one.tags.insert(some(9), after(3));
      });
    }],
    ["are undone", (one) => {
      assert.throws(() =>
        one.transaction(() => {
          one.tags.insert(some(9), after(3));
          throw new Error("no");
        })
      );
    }],
    ["are removed", (one) => one.tags.prune({ olderThan: after(1), limit: 30 })],
    ["are forgotten", (one) => one.tags.forget("a1")],
  ] as readonly (readonly [string, (one: Store, two: Store) => unknown])[],
)(
  "a decky is summed up rightly when its tags %s",
  (_, change) => {
    using scratch = new Scratch();
    const [one, two] = [scratch.open(), scratch.open()];
    one.tags.insert(some(40), NOW);
    one.tags.insert(some(20, { attackerUuid: "a2" }), after(1));
    one.tags.insert(some(20, { techniqueId: "T1105", ruleId: "R0002" }), after(2));
    change(one, two);
    assertRight(one);
    one.tags.insert(some(20, { attackerUuid: "a3" }), after(4));
    settleByRetention(one);
    assert.equal(
      one.database.scalar("SELECT sum(tags) FROM decky_sum"),
      one.database.scalar("SELECT count(*) FROM ttp_tag WHERE decky_id IS NOT NULL"),
    );
    assertRight(one);
    two.tags.insert(some(20), after(5));
    two.tags.bump(BUMP);
    assertRight(two);
    for (const limit of [25, 25, 25]) {
      two.tags.prune({ olderThan: after(4), limit });
      assertRight(one);
    }
    for (const attacker of ["a1", "a2", "a3"]) one.tags.forget(attacker);
    assert.equal(two.database.scalar("SELECT count(*) FROM decky_sum"), 0);
  },
);

import assert from "assert";
import fc from "fast-check";
import { counted } from "../../../lib/store/queries/counted.ts";
import { ruleSummaries, techniqueSummaries, totals } from "../../../lib/store/queries/summaries.ts";
import { conditionOf, type TagFilter, tagsOf } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import { after, NOW, Scratch, tag } from "../scratch.ts";

const DISCOVERY = { tactic: "TA0007", techniqueId: "T1083", attackRelease: "enterprise-19.1" };
const SETUID = { tactic: "TA0004", techniqueId: "T1548", subTechniqueId: "T1548.001" };

Deno.test("techniques are summed up by tactic, sub-technique and release", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag({ confidence: 0.5 }), tag()], NOW);
  store.tags.insert([tag({ confidence: 0.6 }), tag({ ...SETUID, ruleId: "R0099" })], after(90));
  store.tags.insert([tag({ attackRelease: "ics-18.1", ruleVersion: 2 })], after(1));
  const release = "enterprise-19.1";
  const at = (minutes: number) => after(minutes).toISOString();
  assert.deepEqual(techniqueSummaries(store), [
    { ...DISCOVERY, tags: 3, firstSeen: at(0), lastSeen: at(90), bestConfidence: 0.8 },
    {
      ...DISCOVERY,
      attackRelease: "ics-18.1",
      tags: 1,
      firstSeen: at(1),
      lastSeen: at(1),
      bestConfidence: 0.8,
    },
    {
      ...SETUID,
      attackRelease: release,
      tags: 1,
      firstSeen: at(90),
      lastSeen: at(90),
      bestConfidence: 0.8,
    },
  ]);
  assert.deepEqual(ruleSummaries(store).map(({ ruleId, tags }) => [ruleId, tags]), [
    ["R0015", 4],
    ["R0099", 1],
  ]);
  assert.deepEqual(totals(store), {
    tags: 5,
    firstSeen: at(0),
    lastSeen: at(90),
    bestConfidence: 0.8,
  });
});

Deno.test("nothing adds up to nothing", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  assert.deepEqual(techniqueSummaries(store), []);
  assert.equal(totals(store), undefined);
  assert.equal(totals(store, { attackerUuid: "a1" }), undefined);
});

Deno.test("sums by hour and the tags themselves give the same answer for any filter", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fillHours(store);
  const time = fc.integer({ min: -30, max: 330 }).map(after);
  const filters = fc.record({
    since: time,
    until: time,
    techniqueId: fc.constantFrom("T1083", "T1548", "T1548.001"),
    tactic: fc.constantFrom("TA0007", "TA0004", "TA0001"),
    ruleId: fc.constantFrom("R0015", "R0016"),
    minConfidence: fc.constantFrom(0, 0.5, 0.6, 0.61, 1),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(filters, (filter) => {
      assert.deepEqual(sumsOf(store, counted(filter)), sumsOf(store, direct(filter)));
    }),
    { numRuns: 300 },
  );
});

function fillHours(store: Store): void {
  for (let minute = 0; minute < 300; minute += 10) {
    store.tags.insert([
      tag({ ruleId: minute % 20 === 0 ? "R0015" : "R0016", confidence: 0.5 + minute / 1000 }),
      tag({ ...SETUID, confidence: 0.6 }),
    ], after(minute));
  }
}

function direct(filter: TagFilter): { sql: string; values: readonly (string | number)[] } {
  const { sql, values } = conditionOf(filter);
  return {
    sql: `SELECT rule_id, technique_id, sub_technique_id, confidence, 1 AS tags,
        observed_at AS first_at, observed_at AS last_at FROM ${tagsOf(filter)} WHERE ${sql}`,
    values: values as readonly (string | number)[],
  };
}

function sumsOf(store: Store, source: ReturnType<typeof counted>): readonly unknown[] {
  return store.database.prepare(
    `SELECT rule_id, technique_id, coalesce(sub_technique_id, '') AS sub, sum(tags), min(first_at),
      max(last_at), max(confidence) FROM (${source.sql}) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  ).all(...source.values);
}

Deno.test("the sums of one session leave out the others of the same hour", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert(["s1", "s2", "s2"].map((sessionId) => tag({ sessionId })), NOW);
  assert.equal(totals(store, { sessionId: "s1" })?.tags, 1);
  assert.equal(totals(store, { sessionId: "s2" })?.tags, 2);
});

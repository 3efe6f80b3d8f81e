import assert from "assert";
import { tacticTimeline } from "../../../lib/store/queries/tactic_timeline.ts";
import { after, NOW, Scratch, tag } from "../scratch.ts";

Deno.test("tags are counted by tactic in each hour and each day", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  store.tags.insert([tag(), tag(), tag({ tactic: "TA0004", ruleId: "R0030" })], NOW);
  store.tags.insert([tag()], after(60));
  store.tags.insert([tag()], after(24 * 60));
  assert.deepEqual(tacticTimeline(store, "hour"), [
    { at: "2026-03-01T12", tactic: "TA0004", tags: 1 },
    { at: "2026-03-01T12", tactic: "TA0007", tags: 2 },
    { at: "2026-03-01T13", tactic: "TA0007", tags: 1 },
    { at: "2026-03-02T12", tactic: "TA0007", tags: 1 },
  ]);
  assert.deepEqual(tacticTimeline(store, "day", { tactic: "TA0007" }), [
    { at: "2026-03-01", tactic: "TA0007", tags: 3 },
    { at: "2026-03-02", tactic: "TA0007", tags: 1 },
  ]);
});

Deno.test("hours and days outside a filter, or without a tag, are left out", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  assert.deepEqual(tacticTimeline(store, "day"), []);
  for (const minutes of [0, 10, 31, 24 * 60]) store.tags.insert([tag()], after(minutes));
  assert.deepEqual(tacticTimeline(store, "hour"), [
    { at: "2026-03-01T12", tactic: "TA0007", tags: 2 },
    { at: "2026-03-01T13", tactic: "TA0007", tags: 1 },
    { at: "2026-03-02T12", tactic: "TA0007", tags: 1 },
  ]);
  assert.deepEqual(tacticTimeline(store, "day", { since: after(5) }), [
    { at: "2026-03-01", tactic: "TA0007", tags: 2 },
    { at: "2026-03-02", tactic: "TA0007", tags: 1 },
  ]);
});

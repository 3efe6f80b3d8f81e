import assert from "assert";
import { timeBars } from "../../../lib/export/report/time_bars.ts";
import { totals } from "../../../lib/store/queries/summaries.ts";
import { after, NOW, Scratch, tag } from "../../store/scratch.ts";

Deno.test("bars of one length hold every tag, however long the time", () => {
  const day = 24 * 60;
  const lengths: readonly (readonly [minutes: number, bars: number, step: number])[] = [
    [0, 24, 60],
    [30 * 60, 31, 60],
    [5 * day, 61, 2 * 60],
    [60 * day, 61, day],
    [400 * day, 58, 7 * day],
    [30_000 * day, 83, 364 * day],
  ];
  for (const [minutes, bars, step] of lengths) {
    using scratch = new Scratch();
    const store = scratch.open();
    store.tags.insert([tag(), tag({ tactic: "TA0040", ruleId: "R1" })], NOW);
    store.tags.insert([
      tag({ tactic: "TA0001", ruleId: "R2" }),
      tag({ tactic: "TA0111", ruleId: "R3" }),
    ], after(minutes));
    const timeline = timeBars(store, {}, totals(store)!);
    assert.equal(timeline.length, bars, `${minutes} minutes`);
    const starts = timeline.map(({ at }) => Date.parse(`${at}Z`) / 60_000);
    assert.ok(starts.every((start, index) => index === 0 || start - starts[index - 1]! === step));
    const sums = timeline.map(({ tags }) => tags);
    assert.equal(sums.reduce((sum, tags) => sum + tags, 0), 4);
    assert.ok(sums.at(-1)! > 0);
    assert.ok(starts.at(-1)! * 60_000 <= after(minutes).getTime());
  }
});

Deno.test("tags are told apart by the stage of their tactic", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const tactics = ["TA0001", "TA0007", "TA0007", "TA0040", "TA0111"];
  store.tags.insert(tactics.map((tactic) => tag({ tactic, ruleId: `of ${tactic}` })), NOW);
  const { at, stages } = timeBars(store, {}, totals(store)!).at(-1)!;
  assert.equal(at, "2026-03-01T12:00");
  assert.deepEqual(stages, { in: 1, through: 2, out: 1, other: 1 });
});

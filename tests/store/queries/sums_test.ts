import assert from "assert";
import { ruleSummaries, techniqueSummaries, totals } from "../../../lib/store/queries/summaries.ts";
import { sums } from "../../../lib/store/queries/sums.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import { after, Scratch, tag } from "../scratch.ts";

Deno.test("sums in one go are those of the single questions, in their order", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const setuid = { tactic: "TA0004", techniqueId: "T1548", subTechniqueId: "T1548.001" };
  for (let minute = 0; minute < 200; minute += 5) {
    const technique = minute % 3 === 0 ? setuid : {};
    const attackRelease = minute % 4 === 0 ? "enterprise-18.1" : "enterprise-19.1";
    const [ruleId, deckyId] = [`R${minute % 7}`, `d${minute % 2}`];
    const confidence = minute % 9 / 10;
    store.tags.insert(
      [tag({ ...technique, attackRelease, ruleId, deckyId, confidence })],
      after(minute),
    );
  }
  const filters: readonly TagFilter[] = [
    {},
    { since: after(61), until: after(143) },
    { deckyId: "d1" },
    { minConfidence: 0.5, tactic: "TA0004" },
    { tactic: "TA0002" },
  ];
  for (const filter of filters) {
    assert.deepEqual(sums(store, filter), {
      totals: totals(store, filter),
      techniques: techniqueSummaries(store, filter),
      rules: ruleSummaries(store, filter),
    });
  }
});

import assert from "assert";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import { after, identityTag, NOW, Scratch, tag } from "../scratch.ts";

/** Tags named by their source id, written a minute apart. */
function fill(store: Store): void {
  const tags = [
    tag({ sourceId: "0", attackerUuid: "a1", sessionId: "s1" }),
    tag({ sourceId: "1", attackerUuid: "a2", deckyId: "d1", confidence: 0.5 }),
    tag({ sourceId: "2", techniqueId: "T1548", subTechniqueId: "T1548.001", tactic: "TA0004" }),
    tag({ sourceId: "3", techniqueId: "T1548", ruleId: "R0030", attackerUuid: "a2" }),
    identityTag("i1", { sourceId: "4", sourceKind: "identity" }),
  ];
  for (const [minute, one] of tags.entries()) store.tags.insert([one], after(minute));
  store.attackers.learn({ uuid: "a2", ip: "192.0.2.2", identityUuid: "i1", at: NOW });
}

for (
  const [filter, expected] of [
    [{}, "01234"],
    [{ since: after(1) }, "1234"],
    [{ until: after(1) }, "0"],
    [{ since: after(1), until: after(3) }, "12"],
    [{ attackerUuid: "a1" }, "02"],
    [{ identityUuid: "i1" }, "134"],
    [{ sessionId: "s1" }, "0"],
    [{ deckyId: "d1" }, "1"],
    [{ techniqueId: "T1548" }, "23"],
    [{ techniqueId: "T1548.001" }, "2"],
    [{ tactic: "TA0004" }, "2"],
    [{ ruleId: "R0030" }, "3"],
    [{ sourceKind: "identity" }, "4"],
    [{ minConfidence: 0.8 }, "0234"],
    [{ attackerUuid: "a2", minConfidence: 0.8 }, "3"],
    [{ attackerUuid: "' OR 1=1 --" }, ""],
  ] satisfies [TagFilter, string][]
) {
  Deno.test(`tags are listed by ${JSON.stringify(filter)}`, () => {
    using scratch = new Scratch();
    const store = scratch.open();
    fill(store);
    const ids = (first: "oldest" | "newest") =>
      [...listTags(store, filter, { first })].map((one) => one.sourceId).join("");
    assert.equal(ids("oldest"), expected);
    assert.equal(ids("newest"), expected.split("").reverse().join(""));
  });
}

Deno.test("a list ends at its limit and can be left early", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  assert.equal([...listTags(store, {}, { limit: 2 })].length, 2);
  for (const one of listTags(store)) {
    assert.equal(one.sourceId, "0");
    break;
  }
  store.tags.insert([tag()], after(10));
  assert.ok(store.checkpoint(), "a walk that was left must not hold on to the old state");
});

Deno.test("a walk shows one moment, whatever is written meanwhile", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  const other = scratch.open();
  const seen: string[] = [];
  for (const one of listTags(store)) {
    other.tags.insert([tag({ sourceId: "new" })], after(60));
    seen.push(one.sourceId);
  }
  assert.deepEqual(seen, ["0", "1", "2", "3", "4"]);
});

Deno.test("the tags of an identity are listed by every name that it goes by", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const one = identityTag("i1");
  store.tags.insert([one, identityTag("i9")], NOW);
  store.attackers.mergeIdentity("i1", "i2");
  for (const identityUuid of ["i1", "i2"]) {
    assert.deepEqual(Array.from(listTags(store, { identityUuid }), ({ uuid }) => uuid), [one.uuid]);
  }
});

import assert from "assert";
import { busiest } from "../../../lib/store/queries/busiest.ts";
import { leaders } from "../../../lib/store/queries/leaders.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { Store } from "../../../lib/store/store.ts";
import { after, identityTag, NOW, Scratch, tag } from "../scratch.ts";

/** Tags of three attackers on two deckies, three techniques, over some minutes. */
function fill(store: Store): void {
  const techniques = ["T1083", "T1046", "T1105"];
  for (let minute = 0; minute < 30; minute++) {
    const attackerUuid = `a${minute % 7 % 3}`;
    const deckyId = `d${minute % 2}`;
    const techniqueId = techniques[minute % 3]!;
    const confidence = minute % 4 === 0 ? 0.5 : 0.9;
    store.tags.insert([tag({ attackerUuid, deckyId, techniqueId, confidence })], after(minute));
  }
  store.tags.insert([identityTag("i1")], after(30));
}

Deno.test("leaders are the busiest, whatever the filter", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  const filters: readonly TagFilter[] = [
    {},
    { since: after(4) },
    { until: after(20) },
    { since: after(4), until: after(20) },
    { since: after(400) },
    { until: NOW },
    { minConfidence: 0.6 },
    { tactic: "TA0007", since: after(3) },
    { techniqueId: "T1046" },
    { deckyId: "d1" },
    { attackerUuid: "a2", minConfidence: 0.6, until: after(25) },
  ];
  for (const filter of filters) {
    for (const kind of ["attacker", "decky"] as const) {
      const { rows, total, cut } = leaders(store, kind, filter);
      assert.deepEqual(rows, busiest(store, kind, filter), JSON.stringify([kind, filter]));
      assert.deepEqual([total, cut], [rows.length, false]);
    }
  }
});

Deno.test("the number of all is known when only the first are asked for", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  const { rows, total } = leaders(store, "attacker", {}, { limit: 1 });
  assert.deepEqual([rows.length, rows[0]?.id, total], [1, "a0", 3]);
  assert.deepEqual(leaders(scratch.open({}, `${scratch.directory}/empty.db`), "decky"), {
    rows: [],
    total: 0,
    cut: false,
  });
});

Deno.test("where there are too many to read, the newest tell, and that is said", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  fill(store);
  const sure = { minConfidence: 0.6 };
  const { rows, cut } = leaders(store, "decky", sure, { maxRead: 11 });
  assert.deepEqual(rows, busiest(store, "decky", { ...sure, since: after(20) }));
  assert.equal(cut, true);
  assert.equal(leaders(store, "decky", sure, { maxRead: 31 }).cut, false);
  const named = leaders(store, "attacker", { deckyId: "d1" }, { maxRead: 5 });
  assert.deepEqual(named.rows, busiest(store, "attacker", { deckyId: "d1", since: after(20) }));
  assert.equal(named.cut, true);
});

import assert from "assert";
import { Health } from "../../../lib/worker/health/health.ts";
import { rowCounts } from "../../../lib/worker/health/row_counts.ts";
import { NOW, Scratch } from "../../store/scratch.ts";

Deno.test("what waits in the database is counted", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const health = new Health();
  store.parked.add({ topic: "t", envelope: "{}", ip: "192.0.2.1", at: NOW });
  store.outbox.add([{ id: "m1", subject: "a", payload: "{}" }], NOW);
  const refused = { reason: "not_permitted", detail: "denied", createdAt: NOW.toISOString() };
  store.outbox.setAside.add([{ id: "m2", subject: "a", payload: "{}", ...refused }]);
  assert.deepEqual(rowCounts(store, health), {
    parked: 1,
    outbox: 2,
    outbox_set_aside: 1,
    dead_letters: 0,
  });
  assert.equal(health.report().state, "ok");
});

Deno.test("a database that cannot be read is told, and silences nobody", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const health = new Health();
  store.guardFile();
  Deno.renameSync(scratch.file, `${scratch.file}.old`);
  assert.deepEqual(rowCounts(store, health), {});
  assert.match(health.report().reason ?? "", /^store: .*moved/);
});

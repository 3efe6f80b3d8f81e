import assert from "assert";
import { TableBound } from "../../../lib/store/queues/table_bound.ts";
import { importProgress, keepImportProgress } from "../../../lib/store/import_progress.ts";
import { after, NOW, Scratch } from "../scratch.ts";

/** A bound on dead letters of 100 bytes each, oldest first by id. */
function bounded(scratch: Scratch, maxRows: number, maxBytes: number) {
  const store = scratch.open();
  const bound = new TableBound(store.database, {
    ...{ table: "dead_letter", order: "id", bytes: "octet_length(excerpt)", maxRows, maxBytes },
  });
  const add = (rows: number) => {
    for (let row = 0; row < rows; row++) {
      store.deadLetters.add({ topic: "t", reason: "r", excerpt: "é".repeat(50), at: NOW });
      bound.added(100);
    }
  };
  const ids = () => store.deadLetters.list(1000).map(({ id }) => id).reverse();
  return { bound, add, ids };
}

Deno.test("a table keeps the newest of as many rows as it may have, and says how many went", () => {
  using scratch = new Scratch();
  const { bound, add, ids } = bounded(scratch, 16, 1_000_000);
  add(16);
  bound.enforce();
  assert.equal(ids().length, 16);
  assert.equal(bound.takeDropped(), 0);
  add(5);
  bound.enforce();
  assert.deepEqual(ids(), Array.from({ length: 16 }, (_, index) => index + 6));
  assert.equal(bound.takeDropped(), 5);
  assert.equal(bound.takeDropped(), 0);
});

Deno.test("a table keeps the newest of as many bytes as it may have", () => {
  using scratch = new Scratch();
  const { bound, add, ids } = bounded(scratch, 1000, 1000);
  add(10);
  bound.enforce();
  assert.equal(ids().length, 10);
  add(1);
  bound.enforce();
  assert.deepEqual(ids(), Array.from({ length: 10 }, (_, index) => index + 2));
});

for (const [what, maxRows, maxBytes] of [["rows", 80, 1e9], ["bytes", 1e9, 8000]] as const) {
  Deno.test(`a flood between two looks leaves no more than an eighth above the bound in ${what}`, () => {
    using scratch = new Scratch();
    const { add, ids } = bounded(scratch, maxRows, maxBytes);
    for (let turn = 0; turn < 40; turn++) {
      add(9);
      assert.ok(ids().length <= 91, `${ids().length}`);
    }
    assert.ok(ids().length >= 80);
  });
}

Deno.test("a verdict is kept up to 16 KiB, without its largest fields and with the rest as it is", () => {
  using scratch = new Scratch();
  const { intel } = scratch.open();
  const small = { attacker_uuid: "a1", score: 3, tags: ["x", "é"], note: "x".repeat(4000) };
  intel.put("a1", { raw: "é".repeat(900_000), ...small, list: Array(100_000).fill("y") }, NOW);
  assert.deepEqual(intel.get("a1", NOW), small);
  const whole = { raw: "x".repeat(16_000) };
  intel.put("a2", whole, NOW);
  assert.deepEqual(intel.get("a2", NOW), whole);
});

Deno.test("verdicts, changes of states, parked events and imports are bounded, and only they", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  assert.deepEqual(
    store.bounds.map(({ table }) => table),
    [
      ...["parked_event", "attacker_intel", "rule_state_history", "meta"],
      ...["address", "attacker", "identity"],
    ],
  );
  store.database.run("INSERT INTO meta (key, value) VALUES ('other', 'stays')");
  const progress = { format: "f", offset: 1, lines: 1, head: "h", headBytes: 1 };
  for (let file = 0; file < 1200; file++) keepImportProgress(store, `f${file}`, progress);
  store.importBound.enforce();
  assert.equal(importProgress(store, "f0"), undefined);
  assert.equal(importProgress(store, "f199"), undefined);
  assert.deepEqual(importProgress(store, "f200"), progress);
  assert.equal(store.database.scalar("SELECT value FROM meta WHERE key = 'other'"), "stays");
  for (let change = 0; change < 11_500; change++) {
    store.ruleStates.set("R0001", { state: "disabled", reason: `${change}` }, after(change));
  }
  assert.ok(store.ruleStates.history(20_000).length <= 11_250);
  assert.equal(store.ruleStates.history(1)[0]?.reason, "11499");
  assert.equal(store.ruleStates.get("R0001")?.reason, "11499");
});

Deno.test("a flood of imported files leaves no more than an eighth above their bound", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const progress = { format: "f", offset: 1, lines: 1, head: "h", headBytes: 1 };
  store.transaction(() => {
    for (let file = 0; file < 1200; file++) keepImportProgress(store, `f${file}`, progress);
  });
  const rows = Number(store.database.scalar("SELECT count(*) FROM meta"));
  assert.ok(rows <= 1125, `${rows}`);
});

Deno.test("a flood of verdicts leaves no more than an eighth above their bound", () => {
  using scratch = new Scratch();
  const { intel, database } = scratch.open();
  database.transaction(() => {
    for (let attacker = 0; attacker < 57_000; attacker++) {
      intel.put(`a${attacker}`, { score: attacker }, after(attacker));
    }
  });
  const rows = Number(database.scalar("SELECT count(*) FROM attacker_intel"));
  assert.ok(rows >= 50_000 && rows <= 56_250, `${rows}`);
  assert.deepEqual(intel.get("a56999", after(57_000)), { score: 56_999 });
  assert.equal(intel.get("a0", after(57_000)), undefined);
});

Deno.test("parked events of 1 MB each do not fill the disk", () => {
  using scratch = new Scratch();
  const { parked, database } = scratch.open();
  const envelope = "x".repeat(1024 * 1024);
  database.transaction(() => {
    for (let event = 0; event < 300; event++) {
      parked.add({ topic: `t${event}`, envelope, ip: "192.0.2.1", at: NOW });
    }
  });
  assert.ok(parked.count() <= 288, `${parked.count()}`);
  assert.ok(parked.bound.takeDropped() > 0);
  parked.bound.enforce();
  assert.equal(parked.count(), 255);
  const [oldest] = parked.byIp("192.0.2.1", 1);
  assert.equal(oldest?.topic, "t45", "the newest stay");
});

import assert from "assert";
import { MIGRATIONS } from "../../../lib/store/sqlite/schema.ts";
import { OlderFile } from "../older_file.ts";
import { after, NOW, Scratch } from "../scratch.ts";

const HELD = { ruleId: "R0014", reason: "rate_limited", count: 3 } as const;

Deno.test("what was held back is summed up by rule and reason, and kept by the hour", () => {
  using scratch = new Scratch();
  const { suppressed } = scratch.open();
  suppressed.add([HELD, { ...HELD, reason: "below_floor", count: 1 }], NOW);
  suppressed.add([HELD, { ...HELD, ruleId: "R0001" }], after(1));
  suppressed.add([HELD], after(60));
  assert.deepEqual(suppressed.since(NOW), [
    { ...HELD, ruleId: "R0001" },
    { ...HELD, reason: "below_floor", count: 1 },
    { ...HELD, count: 9 },
  ]);
  assert.deepEqual(suppressed.since(after(60)), [HELD]);
  suppressed.prune(after(60));
  assert.deepEqual(suppressed.since(NOW), [HELD]);
});

Deno.test("a database of the first version gets the table and keeps what it has", () => {
  using scratch = new Scratch();
  {
    using old = new OlderFile(scratch.file, 1);
    old.database.exec("INSERT INTO meta VALUES ('kept', 'yes')");
  }
  const store = scratch.open();
  store.suppressed.add([HELD], NOW);
  assert.deepEqual(store.suppressed.since(NOW), [HELD]);
  assert.equal(store.database.scalar("SELECT value FROM meta WHERE key = 'kept'"), "yes");
  assert.equal(store.database.scalar("PRAGMA user_version"), MIGRATIONS.length);
});

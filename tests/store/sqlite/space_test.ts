import assert from "assert";
import { DatabaseSync } from "sqlite";
import { releaseSpace, spaceOf } from "../../../lib/store/sqlite/space.ts";
import { after, NOW, Scratch, tag } from "../scratch.ts";

Deno.test("room of deleted rows is given back to the disk, in slices", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const evidence = { matched: "x".repeat(8000) };
  store.tags.insert(Array.from({ length: 2000 }, () => tag({ evidence })), NOW);
  store.tags.prune({ olderThan: after(1), limit: 2000 });
  const before = spaceOf(store);
  assert.ok(before.free > 10_000_000);
  assert.ok(releaseSpace(store) > 1);
  store.checkpoint();
  const now = spaceOf(store);
  assert.equal(now.free, 0);
  assert.ok(now.total < before.total - 10_000_000);
  assert.equal(Deno.statSync(scratch.file).size, now.total);
  assert.equal(releaseSpace(store), 1);
});

Deno.test("a file that cannot give room back is not asked for ever", () => {
  using scratch = new Scratch();
  scratch.open().close();
  {
    const file = new DatabaseSync(scratch.file);
    file.exec("PRAGMA auto_vacuum = NONE; VACUUM");
    file.close();
  }
  const store = scratch.open();
  const evidence = { matched: "x".repeat(8000) };
  store.tags.insert(Array.from({ length: 20 }, () => tag({ evidence })), NOW);
  store.tags.prune({ olderThan: after(1), limit: 20 });
  assert.ok(spaceOf(store).free > 0);
  const run = store.database.run.bind(store.database);
  let asked = 0;
  store.database.run = (sql) => {
    asked += 1;
    assert.ok(asked < 10, "it does not end");
    run(sql);
  };
  assert.equal(releaseSpace(store), 2);
});

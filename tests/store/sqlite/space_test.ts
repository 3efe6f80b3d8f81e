import assert from "assert";
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

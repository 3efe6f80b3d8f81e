import assert from "assert";
import { Counters } from "../../../lib/observe/counters.ts";
import { DatabaseFile } from "../../../lib/worker/health/database_file.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { NOW, Scratch } from "../../store/scratch.ts";

Deno.test("a database whose file was moved, replaced or removed is told, until it is back", async () => {
  using scratch = new Scratch();
  const path = scratch.file;
  const store = scratch.open();
  const [health, counters] = [new Health(), new Counters()];
  const watch = new DatabaseFile(store);
  watch.start({ health, counters });
  const stateAfter = (change: () => void): string => {
    change();
    watch.tick();
    return health.report().state;
  };
  const add = () => store.deadLetters.add({ topic: "t", reason: "r", excerpt: "x", at: NOW });
  const other = `${scratch.directory}/other.db`;
  Deno.writeTextFileSync(other, "");
  assert.equal(stateAfter(add), "ok");
  assert.equal(stateAfter(() => Deno.renameSync(path, `${path}.old`)), "degraded");
  assert.match(
    health.report().reason ?? "",
    /^file: .*ttp\.db was moved.*; put it back, or start the worker again for a new one$/,
  );
  assert.equal(stateAfter(() => Deno.renameSync(other, path)), "degraded");
  assert.equal(stateAfter(() => Deno.removeSync(path)), "degraded");
  assert.equal(stateAfter(() => Deno.renameSync(`${path}.old`, path)), "ok");
  const moved = `${scratch.directory}.moved`;
  assert.equal(stateAfter(() => Deno.renameSync(scratch.directory, moved)), "degraded");
  // Not even a folder is where the path goes through.
  assert.equal(stateAfter(() => Deno.writeTextFileSync(scratch.directory, "")), "degraded");
  Deno.removeSync(scratch.directory);
  assert.equal(stateAfter(() => Deno.renameSync(moved, scratch.directory)), "ok");
  assert.equal(counters.total("database_file_events"), 0);
  assert.equal(stateAfter(() => Deno.removeSync(`${path}-wal`)), "ok");
  assert.deepEqual([...counters.byLabel("database_file_events")], [["log_removed", 1]]);
  add();
  assert.equal(store.deadLetters.count(), 2);
  await watch.stop();
});

import assert from "assert";
import { DatabaseFile } from "../../../lib/worker/health/database_file.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { directoryWith } from "../../cli/captured_run.ts";

Deno.test("a database whose file was moved, replaced or removed is told, until it is back", async () => {
  using files = directoryWith({ "ttp.db": "", "other.db": "" });
  const path = `${files.path}/ttp.db`;
  const health = new Health();
  const watch = new DatabaseFile({ file: path, join: () => {} });
  watch.start({ health });
  const stateAfter = async (change: () => Promise<void>): Promise<string> => {
    await change();
    watch.tick();
    return health.report().state;
  };
  assert.equal(await stateAfter(() => Deno.writeTextFile(path, "grown")), "ok");
  assert.equal(await stateAfter(() => Deno.rename(path, `${path}.old`)), "degraded");
  assert.match(
    health.report().reason ?? "",
    /ttp\.db was moved.*; put it back, or start the worker again for a new one$/,
  );
  assert.equal(await stateAfter(() => Deno.rename(`${files.path}/other.db`, path)), "degraded");
  assert.equal(await stateAfter(() => Deno.remove(path)), "degraded");
  assert.equal(await stateAfter(() => Deno.rename(`${path}.old`, path)), "ok");
  const moved = `${files.path}.moved`;
  assert.equal(await stateAfter(() => Deno.rename(files.path, moved)), "degraded");
  // Not even a folder is where the path goes through.
  assert.equal(await stateAfter(() => Deno.writeTextFile(files.path, "")), "degraded");
  await Deno.remove(files.path);
  assert.equal(await stateAfter(() => Deno.rename(moved, files.path)), "ok");
  await watch.stop();
});

import assert from "assert";
import { Store } from "../../../lib/store/store.ts";
import { after, NOW, tag } from "../../store/scratch.ts";
import { directoryWith, runCaptured } from "../captured_run.ts";

Deno.test("vacuum gives back room while the worker has the database open", async () => {
  using dir = directoryWith({});
  const db = `${dir.path}/ttp.db`;
  using store = Store.open(db);
  const evidence = { matched: "x".repeat(8000) };
  store.tags.insert(Array.from({ length: 500 }, () => tag({ evidence })), NOW);
  store.tags.prune({ olderThan: after(1), limit: 500 });
  const { code, out } = await runCaptured(["vacuum", "--db", db, "--json"]);
  assert.equal(code, 0);
  const report = JSON.parse(out);
  assert.ok(report.bytes_before - report.bytes_after > 2_000_000);
  assert.equal(report.bytes_free, 0);
  assert.equal(Deno.statSync(db).size, report.bytes_after);
  assert.match(
    (await runCaptured(["vacuum", "--db", db])).out,
    /^0 bytes given back; the database takes \d+\.\d KiB\n$/,
  );
});

Deno.test("vacuum makes no database", async () => {
  using dir = directoryWith({});
  const { code, err } = await runCaptured(["vacuum", "--db", `${dir.path}/x.db`]);
  assert.equal(code, 4);
  assert.match(err, /^error: there is no database/);
});

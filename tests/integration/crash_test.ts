import assert from "assert";
import { crashRun } from "../harness/crash_run.ts";

Deno.test("a worker that is killed at random instants loses no tag and no announcement", async () => {
  const report = await crashRun({ sessions: 2_000, kills: 6, serverRestarts: 1 });
  assert.ok(report.tags >= report.sessions / 2, `${report.tags} tags`);
  assert.deepEqual(
    {
      lost: report.lost,
      invented: report.invented,
      silent: report.silent,
      phantom: report.phantom,
    },
    { lost: [], invented: [], silent: [], phantom: [] },
  );
});

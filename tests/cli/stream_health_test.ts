import assert from "assert";
import { streamHealth } from "../../lib/cli/stream_health.ts";
import { Health } from "../../lib/worker/health.ts";

Deno.test("a worker is degraded until the last of its streams can be used", () => {
  const health = new Health();
  const note = streamHealth(health);
  for (const stream of ["A", "B"]) {
    note({ kind: "jetstream_unavailable", stream, reason: `${stream} is missing`, retryInMs: 1 });
  }
  assert.equal(health.report().reason, "streams: A is missing; B is missing");
  note({ kind: "jetstream_ready", stream: "B", consumer: "c" });
  note({ kind: "lame_duck" });
  assert.equal(health.report().reason, "streams: A is missing");
  note({ kind: "jetstream_ready", stream: "A", consumer: "c" });
  assert.deepEqual(health.report(), { state: "ok" });
});

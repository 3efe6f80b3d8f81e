import assert from "assert";
import { deliveryHealth } from "../../../../lib/cli/commands/run/delivery_health.ts";
import { Health } from "../../../../lib/worker/health/health.ts";

Deno.test("a worker is degraded until the last of its streams can be used", () => {
  const health = new Health();
  const note = deliveryHealth(health);
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

Deno.test("a worker that may not subscribe to a subject is degraded, one that may not publish is not", () => {
  const health = new Health();
  const note = deliveryHealth(health);
  note({ kind: "denied", operation: "publish", subject: "ttp.tagged" });
  assert.deepEqual(health.report(), { state: "ok" });
  note({ kind: "denied", operation: "subscribe", subject: "email.received" });
  assert.equal(
    health.report().reason,
    "bus: the server does not allow to subscribe to email.received",
  );
});

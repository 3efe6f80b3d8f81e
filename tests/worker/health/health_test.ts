import assert from "assert";
import { Health } from "../../../lib/worker/health/health.ts";

Deno.test("a trouble is news once, and again with another reason", () => {
  const health = new Health();
  assert.equal(health.degrade("store", "the disk is full"), true);
  assert.equal(health.degrade("store", "the disk is full"), false);
  assert.equal(health.degrade("store", "the disk is gone"), true);
  assert.equal(health.report().reason, "store: the disk is gone");
  assert.equal(health.works("store"), false);
  assert.equal(health.recover("store"), true);
  assert.equal(health.recover("store"), false);
  assert.deepEqual(health.report(), { state: "ok" });
});

Deno.test("each part that does not work is told, in the order in which it failed", () => {
  const health = new Health();
  health.degrade("outbox", "refused");
  health.degrade("bus", "not connected");
  assert.deepEqual(health.report(), {
    state: "degraded",
    reason: "outbox: refused; bus: not connected",
  });
  health.recover("outbox");
  assert.equal(health.report().reason, "bus: not connected");
});

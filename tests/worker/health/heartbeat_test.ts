import assert from "assert";
import { MemoryBus } from "../../../lib/bus/memory.ts";
import { Health } from "../../../lib/worker/health/health.ts";
import { Heart } from "../../../lib/worker/health/heartbeat.ts";
import { Listener } from "../../harness/listener.ts";
import { until } from "../../harness/until.ts";

Deno.test("Heart tells of each change of the state and of its reason, once", async () => {
  const bus = new MemoryBus();
  const listener = new Listener(bus, "system.ttp.health");
  const health = new Health();
  const heart = new Heart({ bus, health, status: () => ({ ...health.report() }), now: () => 1000 });
  const changes = [
    () => {},
    () => health.degrade("store", "the disk is full"),
    () => health.degrade("store", "the disk is broken"),
    () => health.recover("store"),
  ];
  for (const change of changes) {
    change();
    await heart.beatOnChange();
    await heart.beatOnChange();
  }
  await heart.beat();
  await until("all have come", () => listener.heard.length === 5);
  assert.deepEqual(listener.heard.map(({ payload }) => payload["reason"]), [
    undefined,
    "store: the disk is full",
    "store: the disk is broken",
    undefined,
    undefined,
  ]);
  await bus.close();
  await listener.close();
});

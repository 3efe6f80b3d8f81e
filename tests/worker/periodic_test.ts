import assert from "assert";
import { setImmediate } from "node:timers/promises";
import { every } from "../../lib/worker/periodic.ts";
import { until } from "../harness/until.ts";

const HOUR_MS = 3_600_000;

Deno.test("a turn that fails does not keep the next one from coming", async () => {
  let turns = 0;
  const periodic = every("the test", 1, () => {
    turns++;
    throw new Error("broken");
  });
  await until("a third turn has come", () => turns > 2, 5_000);
  await periodic.stop();
});

Deno.test("the end waits for the turn that is going on, and no other follows", async () => {
  const turn = Promise.withResolvers<void>();
  let [begun, ended] = [0, 0];
  const periodic = every("the test", 1, async () => {
    begun++;
    await turn.promise;
    ended++;
  });
  await until("a turn has begun", () => begun > 0);
  let isOver = false;
  const stopping = periodic.stop().then(() => {
    isOver = true;
  });
  await setImmediate();
  assert.equal(isOver, false);
  turn.resolve();
  await stopping;
  assert.deepEqual([begun, ended], [1, 1]);
  // One that was begun again would leave its timer behind: the test would fail for that.
});

Deno.test("a shorter pause holds at once", async () => {
  let turns = 0;
  const periodic = every("the test", HOUR_MS, () => {
    turns++;
  });
  periodic.repeatEvery(1);
  try {
    await until("a turn has come", () => turns > 0, 5_000);
  } finally {
    await periodic.stop();
  }
});

import assert from "assert";
import { setImmediate } from "node:timers/promises";
import { Wake } from "../../lib/worker/wake.ts";

Deno.test("a call to wake that comes while nobody waits ends the next wait, and only that", async () => {
  const wake = new Wake();
  wake.wake();
  wake.wake();
  let waits = 0;
  const both = (async () => {
    for (; waits < 2; waits++) await wake.wait();
  })();
  await setImmediate();
  assert.equal(waits, 1);
  wake.wake();
  await setImmediate();
  assert.equal(waits, 2);
  await both;
});

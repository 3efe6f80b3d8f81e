import assert from "assert";
import fc from "fast-check";
import {
  absentDelay,
  pause,
  RECONNECT_DELAY,
  reconnectDelay,
} from "../../lib/bus/reconnect_delay.ts";

Deno.test("the pause before the next try is never below a second nor above half a minute", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
      const delay = reconnectDelay(failures, RECONNECT_DELAY, random);
      assert.ok(delay >= 1000 && delay <= 30_000, String(delay));
    }),
  );
});

Deno.test("the pause may grow with each failure, up to its limit", () => {
  const longest = [0, 1, 2, 3, 4, 5].map((failures) =>
    reconnectDelay(failures, RECONNECT_DELAY, 1)
  );
  assert.deepEqual(longest, [2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

Deno.test("a server that is not there is looked for about once a second", () => {
  assert.equal(absentDelay(RECONNECT_DELAY, 0), 500);
  assert.equal(absentDelay(RECONNECT_DELAY, 0.999), 1499);
});

Deno.test("a pause ends when it is given up, before and while it lasts", async () => {
  const done = new AbortController();
  const waiting = pause(3_600_000, done.signal);
  done.abort();
  await waiting;
  await pause(3_600_000, done.signal);
  await pause(1, new AbortController().signal);
});

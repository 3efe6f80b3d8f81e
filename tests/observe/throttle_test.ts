import assert from "assert";
import { Throttle } from "../../lib/observe/throttle.ts";

/** A throttle of one second, and a clock that a test turns. */
function throttled(): { throttle: Throttle; clock: { ms: number } } {
  const clock = { ms: 1_000_000 };
  return { throttle: new Throttle(1_000, () => clock.ms), clock };
}

Deno.test("Throttle lets one thing a key pass in an interval and says how many it kept back", () => {
  const { throttle, clock } = throttled();
  assert.equal(throttle.pass("a"), 0);
  assert.equal(throttle.pass("a"), undefined);
  assert.equal(throttle.pass("a"), undefined);
  assert.equal(throttle.pass("b"), 0);
  clock.ms += 999;
  assert.equal(throttle.pass("a"), undefined);
  clock.ms += 1;
  assert.equal(throttle.pass("a"), 3);
  clock.ms += 1_000;
  assert.equal(throttle.pass("a"), 0);
});

Deno.test("Throttle goes on after a clock that was set back", () => {
  const { throttle, clock } = throttled();
  assert.equal(throttle.pass("a"), 0);
  clock.ms -= 500_000;
  assert.equal(throttle.pass("a"), 0);
  assert.equal(throttle.pass("a"), undefined);
});

Deno.test("Throttle remembers a bounded number of keys that come from outside", () => {
  const { throttle } = throttled();
  assert.equal(throttle.pass("first"), 0);
  for (let key = 0; key < 5_000; key++) throttle.pass(`other ${key}`);
  // Forgotten with the others, and so let through once more.
  assert.equal(throttle.pass("first"), 0);
});

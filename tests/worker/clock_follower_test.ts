import assert from "assert";
import type { Store } from "../../lib/store/store.ts";
import { ClockFollower } from "../../lib/worker/clock_follower.ts";
import { NOW, Scratch } from "../store/scratch.ts";

const DAY_MS = 86_400_000;

/** One announcement and one parked event that have waited for a day. */
function waiting(store: Store): void {
  const at = new Date(NOW.getTime() - DAY_MS);
  store.outbox.add([{ id: "m1", subject: "a", payload: "{}" }], at);
  store.parked.add({ topic: "t", envelope: "{}", ip: "192.0.2.1", at });
}

/** How many announcements and parked events have waited for longer than so many days. */
function older(store: Store, now: number, days: number): readonly number[] {
  const olderThan = new Date(now - days * DAY_MS);
  const bounds = { maxRows: 99, maxBytes: 9999, olderThan };
  let counts: readonly number[] = [];
  class Undo extends Error {}
  try {
    store.transaction(() => {
      counts = [store.outbox.prune(bounds), store.parked.prune(bounds)];
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return counts;
}

for (const [where, days] of [["forward", 10], ["back", -10]] as const) {
  Deno.test(`what waits keeps its age when the clock is set ${where}, at each look after that`, () => {
    using scratch = new Scratch();
    const store = scratch.open();
    waiting(store);
    let now = NOW.getTime();
    const follower = new ClockFollower(store, () => now);
    follower.follow();
    now += days * DAY_MS;
    // What was written before the clock was set back is in the future for now.
    for (let look = 0; look < 3; look++) {
      follower.follow();
      assert.deepEqual(older(store, now, 1.1), [0, 0]);
      assert.deepEqual(older(store, now, 0.9), [1, 1]);
    }
  });
}

Deno.test("a clock that was set while the database failed is followed later", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  waiting(store);
  let now = NOW.getTime();
  const follower = new ClockFollower(store, () => now);
  now += 10 * DAY_MS;
  store.database.run("PRAGMA query_only = ON");
  assert.throws(() => follower.follow(), { code: "read_only" });
  store.database.run("PRAGMA query_only = OFF");
  follower.follow();
  assert.deepEqual(older(store, now, 1.1), [0, 0]);
  assert.deepEqual(older(store, now, 0.9), [1, 1]);
});

import assert from "assert";
import { Counters } from "../../lib/observe/counters.ts";
import type { Store } from "../../lib/store/store.ts";
import { keepHouse, outboxBounds, type Retention } from "../../lib/worker/housekeeping.ts";
import { after, NOW, Scratch } from "../store/scratch.ts";

const DAY_MINUTES = 24 * 60;

/** Cleans up a store so many days after the tests' time, and says how many announcements it dropped. */
function dropped(store: Store, days: number, retention: Retention = {}): number {
  const counters = new Counters();
  const now = () => after(days * DAY_MINUTES).getTime();
  keepHouse({ store, counters, retention, now });
  return counters.total("announcements_expired");
}

function addMessages(store: Store, count: number, bytes: number): void {
  for (let message = 0; message < count; message++) {
    store.outbox.add([{ id: `${message}`, subject: "a", payload: "x".repeat(bytes) }], NOW);
  }
}

function setAside(store: Store, id: string): void {
  const refused = { reason: "not_permitted", detail: "denied", createdAt: NOW.toISOString() };
  store.outbox.setAside.add([{ id, subject: "b", payload: "{}", ...refused }]);
}

Deno.test("announcements are kept for seven days, refused ones too, and counted when they go", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  addMessages(store, 2, 10);
  setAside(store, "refused");
  assert.equal(dropped(store, 6.99), 0);
  assert.equal(dropped(store, 7.01), 3);
  assert.equal(store.outbox.count(), 0);
});

Deno.test("announcements have a bound of 100,000, of 256 MiB and of a week", () => {
  assert.deepEqual(outboxBounds({}, after(7 * DAY_MINUTES).getTime()), {
    maxRows: 100_000,
    maxBytes: 268_435_456,
    olderThan: NOW,
  });
});

Deno.test("the bounds of announcements can be chosen", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  addMessages(store, 10, 100);
  setAside(store, "refused");
  assert.equal(dropped(store, 0, { outboxRows: 11 }), 0);
  assert.equal(dropped(store, 0, { outboxRows: 10 }), 1);
  assert.equal(store.outbox.setAside.size().messages, 0);
  assert.equal(dropped(store, 0, { outboxBytes: 500 }), 6);
  assert.equal(dropped(store, 2, { outboxDays: 1 }), 4);
});

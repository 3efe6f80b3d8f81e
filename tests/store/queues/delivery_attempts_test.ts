import assert from "assert";
import { after, NOW, Scratch } from "../scratch.ts";

Deno.test("what was begun and not ended is counted over processes, each message for itself", () => {
  using scratch = new Scratch();
  const first = scratch.open();
  assert.equal(first.deliveryAttempts.begin("a", NOW), 1);
  assert.equal(first.deliveryAttempts.begin("b", NOW), 1);
  first.close();
  const { deliveryAttempts } = scratch.open();
  assert.equal(deliveryAttempts.begin("a", after(1)), 2);
  assert.deepEqual(["a", "b", "c"].map((key) => deliveryAttempts.count(key)), [2, 1, 0]);
  deliveryAttempts.end("a");
  assert.deepEqual(["a", "b"].map((key) => deliveryAttempts.count(key)), [0, 1]);
  deliveryAttempts.end("b");
  assert.equal(deliveryAttempts.count("b"), 0);
});

Deno.test("an attempt that was broken off does not count, and never less than none", () => {
  using scratch = new Scratch();
  const { deliveryAttempts } = scratch.open();
  deliveryAttempts.begin("a", NOW);
  deliveryAttempts.begin("a", NOW);
  for (const left of [1, 0, 0]) {
    deliveryAttempts.cancel("a");
    assert.equal(deliveryAttempts.count("a"), left);
  }
  deliveryAttempts.cancel("nobody knows it");
  assert.equal(deliveryAttempts.begin("a", NOW), 1);
});

Deno.test("retention forgets messages that never came again: the old ones and the oldest of too many", () => {
  using scratch = new Scratch();
  const { deliveryAttempts } = scratch.open();
  const keys = ["a", "b", "c", "d"];
  for (const [minute, key] of keys.entries()) deliveryAttempts.begin(key, after(minute));
  const kept = () => keys.filter((key) => deliveryAttempts.count(key) > 0);
  deliveryAttempts.prune({ maxRows: 10, olderThan: after(1) });
  assert.deepEqual(kept(), ["b", "c", "d"]);
  deliveryAttempts.prune({ maxRows: 2 });
  assert.deepEqual(kept(), ["c", "d"]);
});

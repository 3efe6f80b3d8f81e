import assert from "assert";
import { KeyCounts } from "../../../lib/worker/outbox/key_counts.ts";

/** More than there is room for at first, some of them on the same slot. */
const KEYS = Array.from({ length: 5_000 }, (_, index) => index % 2 === 0 ? index : index * 2 ** 32);

Deno.test("KeyCounts counts each key on its own, however many there are", () => {
  const counts = new KeyCounts();
  for (const key of KEYS) assert.equal(counts.add(key), 1);
  for (const key of KEYS) assert.equal(counts.add(key), 2);
  assert.equal(counts.size, KEYS.length);
});

Deno.test("KeyCounts takes back what was counted, and nothing else", () => {
  const counts = new KeyCounts();
  counts.add(7);
  counts.add(7);
  counts.takeBack(7);
  counts.takeBack(8);
  assert.equal(counts.add(7), 2);
  assert.equal(counts.add(8), 1);
  for (let time = 0; time < 5; time++) counts.takeBack(7);
  assert.equal(counts.add(7), 1);
});

Deno.test("KeyCounts begins anew rather than grow without bound", () => {
  const counts = new KeyCounts();
  for (let key = 0; key < 262_144; key++) counts.add(key);
  assert.equal(counts.add(0), 2);
  assert.equal(counts.add(262_144), 1);
  assert.equal(counts.size, 1);
  counts.takeBack(0);
  assert.equal(counts.add(0), 1);
});

Deno.test("KeyCounts forgets all when it is told to", () => {
  const counts = new KeyCounts();
  for (const key of KEYS) counts.add(key);
  counts.clear();
  assert.equal(counts.size, 0);
  assert.equal(counts.add(KEYS[0]!), 1);
});

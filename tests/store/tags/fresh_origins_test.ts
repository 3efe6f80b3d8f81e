import assert from "assert";
import { FreshOrigins } from "../../../lib/store/tags/fresh_origins.ts";

/** As many hashes as there is room for at first, some of which share a chain. */
const HASHES = Array.from({ length: 1024 }, (_, index) => index * (index % 3 + 1) * 2 ** 20);

function filled(times: number): FreshOrigins {
  const origins = new FreshOrigins();
  for (let index = 0; index < HASHES.length * times; index++) {
    origins.add({ hash: HASHES[index % HASHES.length]!, origin: index + 1, whole: null });
  }
  return origins;
}

function expected(hash: number, count: number): number[] {
  const all = Array.from({ length: count }, (_, index) => index);
  return all.filter((index) => HASHES[index % HASHES.length] === hash).map((index) => index + 1);
}

Deno.test("FreshOrigins finds all origins of a hash in their order, however many there are", () => {
  const origins = filled(5);
  assert.equal(origins.size, HASHES.length * 5);
  assert.equal(origins.last, HASHES.length * 5);
  for (const hash of HASHES) {
    assert.deepEqual(origins.of(hash), expected(hash, HASHES.length * 5));
  }
  assert.deepEqual(origins.of(7), []);
});

Deno.test("FreshOrigins forgets those that were added last, as if they had never been", () => {
  const origins = filled(3);
  origins.cutTo(100);
  for (const hash of HASHES) assert.deepEqual(origins.of(hash), expected(hash, 100));
  assert.equal(origins.last, 100);
  origins.add({ hash: HASHES[50]!, origin: 500, whole: null });
  assert.deepEqual(origins.of(HASHES[50]!), [...expected(HASHES[50]!, 100), 500]);
  origins.cutTo(0);
  assert.equal(origins.last, undefined);
  assert.deepEqual(origins.of(HASHES[50]!), []);
});

Deno.test("FreshOrigins hands out those beyond an origin as they were added, and is empty then", () => {
  const origins = new FreshOrigins();
  origins.add({ hash: 1, origin: 10, whole: 5 });
  const beyond = [{ hash: 1, origin: 20, whole: null }, { hash: 2, origin: 30, whole: 0 }];
  for (const origin of beyond) origins.add(origin);
  assert.deepEqual(origins.takeBeyond(10), beyond);
  assert.equal(origins.size, 0);
  assert.deepEqual(origins.of(1), []);
});

import assert from "assert";
import { nameHash } from "../../../lib/worker/outbox/name_hash.ts";

Deno.test("the hash of a name does not change", () => {
  for (
    const [name, hash] of [
      ["", 15_854_890_425_797],
      ["a1", 44_900_060_280_999],
      ["192.0.2.1", 98_904_606_293_464],
      ["3f6b8a52-91c4-4e0d-8a77-5c1e0d9b2f01", 87_692_008_606_573],
      ["☃🦊", 35_921_455_597_994],
    ] as const
  ) assert.equal(nameHash(name), hash, name);
});

Deno.test("names of many sessions have hashes of their own", () => {
  const hashes = new Set<number>();
  for (let number = 0; number < 200_000; number++) hashes.add(nameHash(`session-${number}`));
  assert.equal(hashes.size, 200_000);
  for (const hash of hashes) assert.ok(Number.isSafeInteger(hash) && hash >= 0 && hash < 2 ** 47);
});

Deno.test("what follows a NUL counts too, so that nobody gets one hash for many names without effort", () => {
  assert.notEqual(nameHash("a\u0000b"), nameHash("a\u0000c"));
});

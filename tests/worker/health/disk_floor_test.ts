import assert from "assert";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { DiskFloor } from "../../../lib/worker/health/disk_floor.ts";

const MIB = 1024 * 1024;

/** Whether a disk of a size with so much free lets events in. */
function admits(total: number, free: number, minFree?: number): boolean {
  const floor = new DiskFloor("/data/ttp.db", minFree, (directory) => {
    assert.equal(directory, "/data");
    return { total, free };
  });
  try {
    floor.admit();
    return true;
  } catch (error) {
    assert.ok(error instanceof StoreError && error.code === "full" && error.transient);
    assert.match(error.message, /\/data is below its floor of \d+ MiB free \(--min-free\)/);
    return false;
  }
}

Deno.test("a disk has a floor of 256 MiB, of 5 % where that is less, or of what the operator says", () => {
  assert.equal(admits(100_000 * MIB, 256 * MIB), true);
  assert.equal(admits(100_000 * MIB, 256 * MIB - 1), false);
  assert.equal(admits(1_000 * MIB, 50 * MIB), true);
  assert.equal(admits(1_000 * MIB, 50 * MIB - 1), false);
  assert.equal(admits(100_000 * MIB, 10 * MIB, 10 * MIB), true);
  assert.equal(admits(100_000 * MIB, 10 * MIB - 1, 10 * MIB), false);
  assert.equal(admits(100 * MIB, 0, 0), true);
});

Deno.test("events are let in again within a second of there being room, and the system is asked once a second", () => {
  let [clock, free, asked] = [0, 0, 0];
  const room = () => {
    asked++;
    return { total: 1000, free };
  };
  const floor = new DiskFloor("/data/ttp.db", 10, room, () => clock);
  assert.throws(() => floor.admit(), StoreError);
  free = 10;
  clock = 999;
  assert.throws(() => floor.admit(), StoreError);
  assert.equal(asked, 1);
  clock = 1000;
  floor.admit();
  assert.equal(asked, 2);
});

Deno.test("a disk that cannot be asked holds nothing up", () => {
  new DiskFloor("/data/ttp.db", 10, () => undefined).admit();
});

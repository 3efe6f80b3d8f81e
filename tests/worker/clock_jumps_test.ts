import assert from "assert";
import { ClockJumps } from "../../lib/worker/clock_jumps.ts";

Deno.test("ClockJumps tells by how much a clock was set, and takes no passing of time for it", () => {
  let [clock, passed] = [0, 0];
  const jumps = new ClockJumps(() => clock, () => passed);
  const looks = [[1000, 1000], [3_601_000, 1000], [-86_399_000, 1000], [9_000, 1000], [
    0,
    3_600_000,
  ]]
    .map(([set, waited]) => {
      clock += set!;
      passed += waited!;
      return jumps.look();
    });
  assert.deepEqual(looks, [0, 3_600_000, -86_400_000, 0, -3_600_000]);
});

import assert from "assert";
import { StandStill } from "./stand_still.ts";

Deno.test("only time in which messages wait and none is acknowledged is a stand-still", () => {
  const measured = new StandStill();
  const looks = [
    // Nothing waits.
    [0, 0, 0, 0],
    [5_000, 0, 0, 0],
    // Ten wait, and are worked down.
    [5_100, 10, 0, 0],
    [5_200, 0, 10, 10],
    [5_300, 0, 5, 10],
    // Five stand still for 400 ms, then for 700 ms more after one was acknowledged.
    [5_700, 0, 5, 10],
    [5_800, 20, 4, 10],
    [6_500, 20, 4, 10],
    [6_600, 0, 0, 30],
    [9_000, 0, 0, 30],
  ] as const;
  for (const [now, pending, ackPending, delivered] of looks) {
    measured.look({ pending, ackPending, delivered }, now);
  }
  assert.equal(measured.longestMs, 700);
  assert.equal(measured.mostWaiting, 24);
});

Deno.test("deliveries that are not acknowledged are no progress", () => {
  const measured = new StandStill();
  for (let now = 0; now <= 2_000; now += 100) {
    const delivered = now / 10;
    measured.look({ pending: 500 - delivered, ackPending: delivered, delivered }, now);
  }
  assert.equal(measured.longestMs, 2_000);
});

import assert from "assert";
import { StopDeadline } from "../../lib/worker/stop_deadline.ts";
import { until } from "../harness/until.ts";

const HOUR_MS = 3_600_000;

/** Fails when a wait does not end. */
async function ends(waiting: Promise<void>): Promise<void> {
  let isOver = false;
  void waiting.then(() => isOver = true);
  await until("the wait has ended", () => isOver, 5_000);
}

const NEVER = new Promise<void>(() => {});

Deno.test("a stop waits for what ends in time", async () => {
  const deadline = new StopDeadline(HOUR_MS);
  let isDone = false;
  await deadline.wait(Promise.resolve().then(() => isDone = true));
  assert.ok(isDone);
});

Deno.test("all parts of a stop together have so much time", async () => {
  const deadline = new StopDeadline(1);
  await ends(deadline.wait(NEVER));
  assert.equal(deadline.leftMs, 0);
  await ends(deadline.wait(NEVER, HOUR_MS));
});

Deno.test("one part of a stop leaves the others their time", async () => {
  const deadline = new StopDeadline(HOUR_MS);
  await ends(deadline.wait(NEVER, 1));
  assert.ok(deadline.leftMs > HOUR_MS / 2);
});

import assert from "assert";
import { setImmediate } from "node:timers";
import { StoreError } from "../../../lib/store/sqlite/errors.ts";
import { slicedTagger } from "../../../lib/worker/pipeline/sliced_tagging.ts";
import { Pipeline } from "./pipeline.ts";

const COMMANDS = Array.from({ length: 500 }, () => "uname -a");

Deno.test("parts are tagged in slices of 20 ms, and the event loop turns after each", async () => {
  using pipeline = new Pipeline();
  let [clock, slices, turns] = [0, 0, 0];
  let isOver = false;
  // Each look at the clock takes 4 ms: five parts are one slice.
  const tagInSlices = slicedTagger({ monotonic: () => clock += 4, onSlice: () => slices++ });
  const turn = (): void => {
    if (isOver) return;
    turns++;
    setImmediate(turn);
  };
  setImmediate(turn);
  const payload = { session_id: "s1", attacker_uuid: "a1", commands: COMMANDS };
  const { tagging, failure } = await tagInSlices(() =>
    pipeline.handler.beginTagging("attacker.session.ended", {
      v: 1,
      payload,
      futureVersion: false,
    })
  );
  isOver = true;
  assert.equal(failure, undefined);
  assert.equal(tagging?.tags.length, COMMANDS.length);
  assert.ok(slices >= 80 && slices <= 130, `${slices} slices`);
  assert.ok(turns >= slices - 1, `${turns} turns`);
});

Deno.test("what makes the tagger fail is told, and a database that fails is handed on", async () => {
  const tagInSlices = slicedTagger({ monotonic: () => 0, onSlice: () => {} });
  const failed = await tagInSlices(() => {
    throw new RangeError("too deep");
  });
  assert.deepEqual(failed, { failure: "RangeError: too deep" });
  await assert.rejects(
    tagInSlices(() => {
      throw new StoreError("io", "the disk is gone");
    }),
    { code: "io" },
  );
  assert.deepEqual(await tagInSlices(() => undefined), {});
});

import assert from "assert";
import { type RetryGroup, SetAsideRetries } from "../../../lib/worker/outbox/set_aside_retries.ts";

/** Longest pauses, in milliseconds: after one failure, and after many. */
const [FIRST_MS, LAST_MS] = [500, 300_000];

/** Retries with one group, `a`, that failed so often that its pause is the longest. */
function afterManyFailures() {
  const retries = new SetAsideRetries(() => 0);
  retries.note("a", "not_permitted", "denied");
  const group = retries.blocking("a")!;
  for (let failure = 0; failure < 20; failure++) retries.failed(group);
  assert.ok(retries.nextInMs()! > LAST_MS / 2);
  return { retries, group };
}

for (
  const [what, mend] of [
    ["a success", (retries: SetAsideRetries, group: RetryGroup) => retries.succeeded(group)],
    ["a new connection", (retries: SetAsideRetries) => retries.retryNow()],
  ] as const
) {
  Deno.test(`SetAsideRetries begins with a short pause again after ${what}`, () => {
    const { retries, group } = afterManyFailures();
    mend(retries, group);
    assert.equal(retries.nextInMs(), 0);
    retries.failed(group);
    assert.ok(retries.nextInMs()! <= FIRST_MS);
  });
}

Deno.test("SetAsideRetries tries one message first on a new connection", () => {
  const { retries, group } = afterManyFailures();
  retries.succeeded(group);
  assert.equal(retries.due()?.accepted, true);
  retries.retryNow();
  assert.equal(retries.due()?.accepted, false);
});

Deno.test("SetAsideRetries gives the turn to the group that has been due for longest", () => {
  let now = 0;
  const retries = new SetAsideRetries(() => now);
  retries.resume([{ subject: "a", reason: "not_permitted", detail: "a" }]);
  now = 1;
  retries.resume([{ subject: "b", reason: "not_permitted", detail: "b" }]);
  assert.equal(retries.due()?.subject, "a");
  now = 2;
  retries.succeeded(retries.due()!);
  assert.equal(retries.due()?.subject, "b");
});

Deno.test("SetAsideRetries holds a subject back until each of its groups has ended", () => {
  const retries = new SetAsideRetries(() => 0);
  retries.note("a", "not_permitted", "denied");
  retries.note("a", "stream_full", "full");
  retries.end({ subject: "a", reason: "stream_full", detail: "full", accepted: true });
  assert.equal(retries.blocking("a")?.reason, "not_permitted");
  retries.end(retries.blocking("a")!);
  assert.equal(retries.blocking("a"), undefined);
  assert.ok(retries.isEmpty);
});

import assert from "assert";
import { PendingAcks } from "../../../lib/bus/jetstream/pending_acks.ts";
import { CONFIRMED, notPermitted } from "../../../lib/bus/publish_outcome.ts";

Deno.test("PendingAcks resolves once each message has an outcome, in their order", async () => {
  const pending = new PendingAcks(7, ["a", "b", "c"]);
  let resolved = false;
  void pending.outcomes.then(() => resolved = true);
  pending.settle(2, CONFIRMED);
  pending.settle(0, notPermitted("a"));
  pending.settle(0, CONFIRMED);
  for (const outside of [-1, 3]) pending.settle(outside, CONFIRMED);
  await Promise.resolve();
  assert.equal(resolved, false);
  pending.endAll("no answer");
  assert.deepEqual(await pending.outcomes, [
    notPermitted("a"),
    { status: "unconfirmed", message: "no answer" },
    CONFIRMED,
  ]);
});

Deno.test("PendingAcks gives all messages on a subject one outcome, but those that have one", async () => {
  const pending = new PendingAcks(0, ["a", "b", "a", "a"]);
  pending.settle(2, CONFIRMED);
  assert.equal(pending.settleSubject("c", notPermitted("c")), false);
  assert.equal(pending.settleSubject("a", notPermitted("a")), true);
  pending.settle(1, CONFIRMED);
  assert.deepEqual((await pending.outcomes).map(({ status }) => status), [
    "refused",
    "confirmed",
    "confirmed",
    "refused",
  ]);
});

Deno.test("PendingAcks of no message is resolved", async () => {
  assert.deepEqual(await new PendingAcks(0, []).outcomes, []);
});

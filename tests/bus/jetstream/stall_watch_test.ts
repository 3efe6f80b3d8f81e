import assert from "assert";
import { type PullState, StallWatch } from "../../../lib/bus/jetstream/stall_watch.ts";

const WAITING: PullState = {
  request: 7,
  idleMs: 6_000,
  isOverdue: false,
  backlog: { pending: 3, ackPending: 0, requests: 1, maxAckPending: 1000 },
};
const QUIET: PullState = { ...WAITING, backlog: { ...WAITING.backlog, pending: 0 } };

const CASES: readonly (readonly [string, PullState, RegExp | undefined])[] = [
  ["messages wait and none has come for 6 s", WAITING, /3 messages wait, and none .* for 6 s/],
  ["one came 4.9 s ago", { ...WAITING, idleMs: 4_900 }, undefined],
  ["the reader has enough", { ...WAITING, request: undefined, idleMs: 0 }, undefined],
  ["nothing waits", QUIET, undefined],
  ["as much is in work as may be", {
    ...WAITING,
    backlog: { ...WAITING.backlog, ackPending: 1000 },
  }, undefined],
  ["the request is long over its time", { ...QUIET, idleMs: 0, isOverdue: true }, /in its time/],
];

for (const [what, state, reason] of CASES) {
  Deno.test(`a pull is ${reason === undefined ? "left alone" : "made anew"} when ${what}`, () => {
    const found = new StallWatch().look(state);
    if (reason === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", reason);
  });
}

Deno.test("a request that the server does not know of twice is made anew, another one is not", () => {
  const unknown = { ...QUIET, backlog: { ...QUIET.backlog, requests: 0 } };
  const watch = new StallWatch();
  assert.equal(watch.look(unknown), undefined);
  assert.equal(watch.look({ ...unknown, request: 8 }), undefined);
  assert.equal(watch.look({ ...QUIET, request: 8 }), undefined);
  assert.equal(watch.look({ ...unknown, request: 8 }), undefined);
  assert.match(watch.look({ ...unknown, request: 8 }) ?? "", /does not know/);
});

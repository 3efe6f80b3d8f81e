import assert from "assert";
import type { Announcement } from "../../../lib/worker/outbox/announcements.ts";
import { Suppressions } from "../../../lib/worker/outbox/suppressions.ts";
import { tagOf } from "./tag_fixture.ts";

const MINUTE_MS = 60_000;

const BELOW_FLOOR = {
  tagUuid: "u0",
  ruleId: "R0019",
  techniqueId: "T1033",
  reason: "below_floor",
  attackerUuid: "attacker-1",
} as const;

function take(suppressions: Suppressions, now: number, all = false): readonly Announcement[] {
  const taken: Announcement[] = [];
  suppressions.announce(now, (announcements) => taken.push(...announcements), all);
  return taken;
}

Deno.test("Suppressions tells of a rule and reason once a minute, with the count since", () => {
  const suppressions = new Suppressions();
  suppressions.add(BELOW_FLOOR);
  assert.equal(take(suppressions, 0)[0]?.payload["count"], 1);
  suppressions.add({ ...BELOW_FLOOR, tagUuid: "u1" });
  suppressions.add({ ...BELOW_FLOOR, tagUuid: "u2" });
  assert.deepEqual(take(suppressions, MINUTE_MS - 1), []);
  assert.deepEqual(take(suppressions, MINUTE_MS), [{
    subject: "ttp.rule.suppressed",
    type: "rule.suppressed",
    payload: {
      rule_id: "R0019",
      technique_id: "T1033",
      reason: "below_floor",
      attacker_uuid: "attacker-1",
      identity_uuid: null,
      count: 2,
    },
  }]);
  assert.deepEqual(take(suppressions, 3 * MINUTE_MS), []);
});

Deno.test("Suppressions names the first and the last tag that was held back", () => {
  const suppressions = new Suppressions();
  for (const uuid of ["u1", "u2", "u3"]) suppressions.hold(tagOf({ uuid }));
  const [announcement] = take(suppressions, 0);
  assert.equal(announcement?.payload["reason"], "rate_limited");
  assert.equal(announcement?.payload["count"], 3);
  assert.equal(announcement?.payload["first_tag_uuid"], "u1");
  assert.equal(announcement?.payload["last_tag_uuid"], "u3");
  assert.deepEqual(Object.fromEntries(suppressions.totals), { R0012: 3 });
});

Deno.test("Suppressions forgets nothing when its announcement could not be written", () => {
  const suppressions = new Suppressions();
  suppressions.add(BELOW_FLOOR);
  assert.throws(() =>
    suppressions.announce(0, () => {
      throw new Error("disk full");
    })
  );
  assert.equal(take(suppressions, 0)[0]?.payload["count"], 1);
});

Deno.test("Suppressions tells everything at the end, however recent the last message", () => {
  const suppressions = new Suppressions();
  suppressions.add(BELOW_FLOOR);
  take(suppressions, 0);
  suppressions.add({ ...BELOW_FLOOR, tagUuid: "u1" });
  assert.equal(take(suppressions, 1, true)[0]?.payload["count"], 1);
});

Deno.test("Suppressions hands sums over for keeping once, and again when that has failed", () => {
  const suppressions = new Suppressions();
  suppressions.add(BELOW_FLOOR);
  for (const uuid of ["u1", "u2"]) suppressions.hold(tagOf({ uuid }));
  assert.throws(() =>
    suppressions.keep(() => {
      throw new Error("disk full");
    })
  );
  const kept: unknown[] = [];
  assert.equal(suppressions.keep((sums) => kept.push(...sums)), true);
  assert.deepEqual(kept, [
    { ruleId: "R0019", reason: "below_floor", count: 1 },
    { ruleId: "R0012", reason: "rate_limited", count: 2 },
  ]);
  assert.equal(suppressions.keep(() => assert.fail("there is nothing left")), false);
});

Deno.test("Suppressions names the rules that most was held back of", () => {
  const suppressions = new Suppressions();
  for (let rule = 0; rule < 12; rule++) {
    for (let uuid = 0; uuid <= rule; uuid++) {
      suppressions.hold(tagOf({ uuid: String(uuid), ruleId: `OWN${rule}` }));
    }
  }
  assert.deepEqual(suppressions.top(2), { OWN11: 12, OWN10: 11 });
});

Deno.test("Suppressions does not count what a replay brings again", () => {
  const suppressions = new Suppressions();
  suppressions.add(BELOW_FLOOR);
  take(suppressions, 0);
  suppressions.add(BELOW_FLOOR);
  assert.deepEqual(take(suppressions, MINUTE_MS), []);
});

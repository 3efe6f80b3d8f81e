import assert from "assert";
import { AnnouncementLimit } from "../../../lib/worker/outbox/announcement_limit.ts";
import { Scratch } from "../../store/scratch.ts";
import { tagOf } from "./tag_fixture.ts";

const MINUTE_MS = 60_000;

function flood(count: number, overrides = {}) {
  return Array.from({ length: count }, () => tagOf(overrides));
}

Deno.test("AnnouncementLimit lets so many through a minute and holds back the rest", () => {
  const limit = new AnnouncementLimit(60);
  const first = limit.part(flood(50), 0);
  const second = limit.part(flood(50), MINUTE_MS - 1);
  assert.equal(first.announced.length, 50);
  assert.equal(second.announced.length, 10);
  assert.equal(second.held.length, 40);
  assert.equal(limit.part(flood(50), MINUTE_MS).announced.length, 50);
});

Deno.test("AnnouncementLimit counts each rule and each attacker on its own", () => {
  const limit = new AnnouncementLimit(1);
  assert.equal(limit.part(flood(2), 0).held.length, 1);
  assert.equal(limit.part(flood(1, { ruleId: "R0015" }), 0).held.length, 0);
  assert.equal(limit.part(flood(1, { attackerUuid: "attacker-2" }), 0).held.length, 0);
});

Deno.test("AnnouncementLimit of 0 holds nothing back", () => {
  assert.equal(new AnnouncementLimit(0).part(flood(1000), 0).held.length, 0);
});

Deno.test("AnnouncementLimit is not stuck by a clock that is set back", () => {
  const limit = new AnnouncementLimit(1);
  limit.part(flood(2), 10 * MINUTE_MS);
  assert.equal(limit.part(flood(1), 2 * MINUTE_MS).announced.length, 1);
});

Deno.test("AnnouncementLimit does not count what is undone with its transaction", () => {
  using scratch = new Scratch();
  const store = scratch.open();
  const limit = new AnnouncementLimit(2);
  store.database.join(limit);
  const part = () => limit.part(flood(1), 0).held.length;
  const failing = (work: () => void) => () =>
    store.transaction(() => {
      work();
      throw new Error("the disk is full");
    });
  for (let i = 0; i < 5; i++) assert.throws(failing(part));
  store.transaction(() => {
    assert.throws(failing(() => store.transaction(part)));
    assert.equal(part(), 0);
  });
  assert.deepEqual([part(), part()], [0, 1]);
});

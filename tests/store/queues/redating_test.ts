import assert from "assert";
import { after, NOW, Scratch } from "../scratch.ts";

const DAY_MS = 86_400_000;
const later = (ms: number) => new Date(NOW.getTime() + ms);

/** Parks one event before the clock is set and one after it, and gives their times after redating. */
function redated(jumpMs: number): readonly string[] {
  using scratch = new Scratch();
  const { parked } = scratch.open();
  const event = { topic: "email.received", envelope: "{}", ip: "192.0.2.1" };
  parked.add({ ...event, at: after(0) });
  parked.add({ ...event, at: later(jumpMs + 500) });
  parked.redate(jumpMs, later(jumpMs + 1000));
  return parked.byIp("192.0.2.1", 9).map(({ firstSeen }) => firstSeen);
}

for (const jumpMs of [20_000 * DAY_MS, -20 * DAY_MS]) {
  Deno.test(`what waits moves along with a clock that is set by ${jumpMs / DAY_MS} days`, () => {
    assert.deepEqual(redated(jumpMs), [
      later(jumpMs).toISOString(),
      later(jumpMs + 500).toISOString(),
    ]);
  });
}

Deno.test("a time that would leave the calendar stays", () => {
  using scratch = new Scratch();
  const { outbox } = scratch.open();
  outbox.add([{ id: "a", subject: "ttp.tagged", payload: "{}" }], NOW);
  outbox.redate(9e14, new Date(NOW.getTime() + 9e14));
  assert.equal(outbox.oldest(1)[0]?.createdAt, NOW.toISOString());
});

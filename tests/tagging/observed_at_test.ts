import assert from "assert";
import { instantOf, ObservedTimes } from "../../lib/tagging/observed_at.ts";

const NOW = Date.parse("2026-03-01T12:30:00Z");

for (
  const [value, expected] of [
    ["2017-11-05T03:04:05.678901Z", "2017-11-05T03:04:05.678Z"],
    ["2017-11-05T03:04:05", "2017-11-05T03:04:05.000Z"],
    ["2017-11-05 03:04:05", "2017-11-05T03:04:05.000Z"],
    ["2017-11-05T03:04:05+02:00", "2017-11-05T01:04:05.000Z"],
    ["2017-11-05T03:04:05+0200", "2017-11-05T01:04:05.000Z"],
    ["2017-11-05", "2017-11-05T00:00:00.000Z"],
    [1_509_851_045, "2017-11-05T03:04:05.000Z"],
    [1_509_851_045.5, "2017-11-05T03:04:05.500Z"],
    [1_509_851_045_678, "2017-11-05T03:04:05.678Z"],
    [1_509_851_045_678_901, "2017-11-05T03:04:05.678Z"],
    [1_509_851_045_678_901_000, "2017-11-05T03:04:05.678Z"],
    ["yesterday", undefined],
    ["2017-13-45T99:99:99Z", undefined],
    ["", undefined],
    [Number.NaN, undefined],
    [-1, undefined],
    [null, undefined],
    [{}, undefined],
  ] as const
) {
  Deno.test(`${JSON.stringify(value)} is the time ${expected}, wherever the program runs`, () => {
    const ms = instantOf(value);
    assert.equal(ms === undefined ? undefined : new Date(ms).toISOString(), expected);
  });
}

Deno.test("a part happened at its own time, else when its session ended, else when it was sent, else now", () => {
  const arrival = { ts: 1_509_851_045, nowMs: NOW };
  const session = { ended_at: "2017-11-05T04:00:00Z" };
  const own = { ts: "2017-11-05T03:30:00Z" };
  assert.equal(new ObservedTimes(session, arrival).of(own), "2017-11-05T03:30:00.000Z");
  assert.equal(new ObservedTimes(session, arrival).of({}), "2017-11-05T04:00:00.000Z");
  assert.equal(new ObservedTimes({}, arrival).of({}), "2017-11-05T03:04:05.000Z");
  assert.equal(new ObservedTimes({}, { nowMs: NOW }).of({}), "2026-03-01T12:30:00.000Z");
});

Deno.test("a time in the future or before 2000 counts as absent, and is counted", () => {
  const times = new ObservedTimes({ ended_at: "1999-12-31T23:59:59Z" }, { nowMs: NOW });
  assert.equal(times.of({ ts: "2026-03-01T12:35:00Z" }), "2026-03-01T12:35:00.000Z");
  assert.equal(times.implausible, 1);
  assert.equal(times.of({ ts: "2026-03-01T12:35:01Z" }), "2026-03-01T12:30:00.000Z");
  assert.equal(times.of({ ts: 1e300 }), "2026-03-01T12:30:00.000Z");
  assert.equal(times.implausible, 2 + 1);
});

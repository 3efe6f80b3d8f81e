import assert from "assert";
import { decodeEnvelope, type Envelope } from "../../../lib/bus/envelope.ts";
import { BatchRecord } from "../../../lib/worker/pipeline/batch_record.ts";
import { isLargeEvent } from "../../../lib/worker/pipeline/event_handler.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";
import { Pipeline } from "./pipeline.ts";

const SESSION = "attacker.session.ended";

/** Handles one event in a transaction of its own. */
function handle(
  pipeline: Pipeline,
  subject: string,
  payload: Readonly<Record<string, unknown>>,
  more: Partial<Envelope> = {},
): BatchRecord {
  const record = new BatchRecord();
  const envelope = { v: 1, payload, futureVersion: false, ...more };
  const body = new TextEncoder().encode(JSON.stringify(envelope));
  pipeline.store.transaction(() => pipeline.handler.handle(subject, envelope, body, record));
  return record;
}

for (
  const [what, seconds, expected] of [
    ["in the past", -3600, -3600],
    ["in the future", 3600, 0],
    ["of the year 5138", 1e11, 0],
  ] as const
) {
  Deno.test(`a verdict whose time is ${what} is kept under ${expected === 0 ? "the time it came" : "its own"}`, () => {
    using pipeline = new Pipeline();
    const at = (s: number): Date => new Date(pipeline.now + s * 1000);
    const verdict = { attacker_uuid: "a1", feodo_listed: true };
    handle(pipeline, "attacker.intel.enriched", verdict, { ts: pipeline.now / 1000 + seconds });
    const { intel } = pipeline.store;
    assert.notEqual(intel.get("a1", at(expected)), undefined);
    assert.equal(intel.get("a1", at(expected - 1)), undefined);
  });
}

for (const ts of [Number.NaN, 0, -5, undefined]) {
  Deno.test(`a time of ${ts} is none, and the event has the time it came`, () => {
    using pipeline = new Pipeline();
    const more = ts === undefined ? {} : { ts };
    handle(pipeline, "attacker.intel.enriched", { attacker_uuid: "a1", feodo_listed: true }, more);
    const { intel } = pipeline.store;
    assert.notEqual(intel.get("a1", new Date(pipeline.now)), undefined);
    assert.equal(intel.get("a1", new Date(pipeline.now - 1000)), undefined);
  });
}

Deno.test("a session is caught up with the verdict that was known when it ended", () => {
  using pipeline = new Pipeline();
  const verdict = { attacker_uuid: "a1", feodo_listed: true, feodo_malware_family: "Emotet" };
  handle(pipeline, "attacker.intel.enriched", verdict, { ts: pipeline.now / 1000 - 100 });
  const before = pipeline.store.tags.count();
  handle(pipeline, SESSION, { session_id: "early", attacker_uuid: "a1" }, {
    ts: pipeline.now / 1000 - 200,
  });
  assert.equal(pipeline.store.tags.count(), before);
  handle(pipeline, SESSION, { session_id: "late", attacker_uuid: "a1" });
  const ids = pipeline.store.database.prepare(
    "SELECT DISTINCT source_id AS id FROM ttp_tag WHERE session_id = 'late'",
  ).all<{ id: string }>().map(({ id }) => id);
  assert.deepEqual(ids, ["intel-catchup:late"]);
});

Deno.test("what is beyond the limits is counted by subject, and recorded with its session", () => {
  using pipeline = new Pipeline({ eventLimits: { maxChildren: 2, maxTags: 1 } });
  const record = handle(pipeline, SESSION, {
    session_id: "s1",
    attacker_uuid: "a1",
    commands: ["uname -a", "uname -a", "uname -a"],
  });
  assert.equal(record.counters.byLabel("children_beyond_limit").get(SESSION), 1);
  assert.equal(record.counters.byLabel("tags_beyond_limit").get(SESSION), 1);
  assert.deepEqual(record.excesses, [
    { subject: SESSION, session: "s1", childrenBeyond: 1, tagsBeyond: 1 },
  ]);
});

Deno.test("a replay of an event beyond the limits adds nothing", () => {
  using pipeline = new Pipeline({ eventLimits: { maxChildren: 5, maxTags: 3 } });
  const payload = {
    session_id: "s1",
    attacker_uuid: "a1",
    commands: Array.from({ length: 9 }, () => "uname -a"),
  };
  handle(pipeline, SESSION, payload);
  const tags = pipeline.store.tags.count();
  assert.equal(tags, 4);
  const { length } = pipeline.announced;
  handle(pipeline, SESSION, payload);
  assert.equal(pipeline.store.tags.count(), tags);
  assert.equal(pipeline.announced.length, length);
});

Deno.test("an event that names nobody is counted and dropped, and one of an unknown kind is ignored", () => {
  using pipeline = new Pipeline();
  const dropped = handle(pipeline, SESSION, { session_id: "s1", attacker_ip: "Unknown" });
  assert.equal(dropped.counters.total("no_anchor"), 1);
  const ignored = handle(pipeline, "canary.t1.placed", { attacker_uuid: "a1" });
  assert.equal(ignored.counters.byLabel("ignored").get("canary.>"), 1);
  assert.deepEqual([pipeline.store.parked.count(), pipeline.store.tags.count()], [0, 0]);
});

Deno.test("an event is parked as it came, byte for byte", () => {
  using pipeline = new Pipeline();
  const body = new TextEncoder().encode('{"payload":{"attacker_ip" : "192.0.2.1","x":"é"}}');
  const decoded = decodeEnvelope(body);
  assert.ok(decoded.ok);
  pipeline.handler.handle(SESSION, decoded.envelope, body, new BatchRecord());
  assert.equal(
    pipeline.store.parked.byIp("192.0.2.1", 1)[0]?.envelope,
    new TextDecoder().decode(body),
  );
});

for (
  const [what, payload, bytes, isLarge] of [
    ["200 commands", { commands: Array(200).fill("a") }, 1000, false],
    ["201 commands", { commands: Array(201).fill("a") }, 1000, true],
    ["64 KiB", {}, 65_536, false],
    ["more than 64 KiB", {}, 65_537, true],
    ["lists that are none", { commands: "a", payloads: { length: 999 } }, 1000, false],
  ] as const
) {
  Deno.test(`an event of ${what} is ${isLarge ? "" : "not "}tagged in slices`, () => {
    assert.equal(isLargeEvent(SESSION, { v: 1, payload, futureVersion: false }, bytes), isLarge);
  });
}

Deno.test("only tags that were not there before are announced", () => {
  using pipeline = new Pipeline();
  const payload = { session_id: "s1", attacker_uuid: "a1" };
  handle(pipeline, SESSION, { ...payload, commands: ["uname -a"] });
  handle(pipeline, SESSION, { ...payload, commands: ["uname -a", "uname -a"] });
  const announced = pipeline.announced.filter(({ subject }) => subject === "ttp.tagged")
    .flatMap(({ payload }) => payload["tag_uuids"] as readonly string[]);
  assert.equal(announced.length, pipeline.store.tags.count());
  assert.equal(new Set(announced).size, announced.length);
});

Deno.test("tags beyond the announcements of a minute are written, held back and counted", () => {
  using pipeline = new Pipeline({ announcementsPerMinute: 1 });
  const record = handle(pipeline, SESSION, {
    session_id: "s1",
    attacker_uuid: "a1",
    commands: ["uname -a", "uname -a", "uname -a"],
  });
  assert.equal(pipeline.store.tags.count(), 3);
  const uuids = pipeline.announced.map(({ payload }) => payload["tag_uuids"] as string[]);
  assert.deepEqual(uuids.map(({ length }) => length), [1, 1]);
  assert.equal(record.held.length, 2);
  assert.equal(record.counters.byLabel("suppressed").get("rate_limited"), 2);
});

Deno.test("a match that raises the confidence of earlier tags raises it, and that is counted", () => {
  const pack = packTagger();
  const bump = { ruleId: "R0058", attackerUuid: "a1", by: 0.1, ceiling: 1 };
  using pipeline = new Pipeline({
    tagger: {
      claimedKinds: pack.claimedKinds,
      tag: (event) =>
        event.sessionId === "s2" ? { tags: [], suppressed: [], bumps: [bump] } : pack.tag(event),
    },
  });
  handle(pipeline, SESSION, { session_id: "s1", attacker_uuid: "a1", commands: ["uname -a"] });
  const record = handle(pipeline, SESSION, { session_id: "s2", attacker_uuid: "a1" });
  assert.equal(record.counters.total("bumped"), 1);
});

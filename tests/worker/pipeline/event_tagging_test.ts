import assert from "assert";
import type { CompositeTagger } from "../../../lib/tagging/composite.ts";
import type { Payload, TaggerEvent } from "../../../lib/tagging/event.ts";
import { eventParts } from "../../../lib/tagging/payload_events.ts";
import { type EventLimits, EventTagging } from "../../../lib/worker/pipeline/event_tagging.ts";
import { packTagger } from "../../tagging/pack_tagger.ts";

const SESSION = "attacker.session.ended";
const PACK = packTagger();

function taggingOf(
  payload: Payload,
  limits: EventLimits,
  tagger: Pick<CompositeTagger, "tag" | "claimedKinds"> = PACK,
): EventTagging {
  const parts = eventParts(SESSION, undefined, {
    session_id: "s1",
    attacker_uuid: "a1",
    ...payload,
  }, {
    maxChildren: limits.maxChildren,
  });
  return new EventTagging(tagger as CompositeTagger, parts!, limits);
}

function commands(count: number): readonly string[] {
  return Array.from({ length: count }, () => "uname -a");
}

function uuids(tagging: EventTagging): readonly string[] {
  return tagging.tags.map(({ uuid }) => uuid);
}

Deno.test("an event gives the same tags in the same order, however it is sliced", () => {
  const payload = { commands: commands(20), beacon_interval_s: 60, beacon_jitter_pct: 0.1 };
  const limits = { maxChildren: 15, maxTags: 12 };
  const whole = taggingOf(payload, limits);
  assert.equal(whole.advance(() => false), true);
  const sliced = taggingOf(payload, limits);
  let slices = 1;
  while (!sliced.advance(() => true)) slices++;
  // One part a slice: fifteen children and the session itself.
  assert.equal(slices, 16);
  assert.deepEqual(sliced.tags, whole.tags);
  assert.deepEqual(
    [whole.childrenBeyond, whole.tagsBeyond],
    [sliced.childrenBeyond, sliced.tagsBeyond],
  );
});

Deno.test("what is beyond the limits is counted, and said in the evidence of the session's tags", () => {
  const tagging = taggingOf({ commands: commands(30) }, { maxChildren: 20, maxTags: 7 });
  tagging.advance(() => false);
  const ofSession = tagging.tags.filter(({ sourceKind }) => sourceKind === "session");
  const ofCommands = tagging.tags.filter(({ sourceKind }) => sourceKind === "command");
  assert.equal(ofCommands.length, 7);
  assert.equal(tagging.childrenBeyond, 10);
  assert.ok(tagging.tagsBeyond >= 13);
  const excess = { children_beyond_limit: 10, tags_beyond_limit: tagging.tagsBeyond };
  assert.deepEqual(ofSession.map(({ techniqueId }) => techniqueId), ["T1499"]);
  assert.deepEqual(ofSession[0]!.evidence, excess);
});

Deno.test("every tag of the session itself says what is beyond the limits", () => {
  const tagging = taggingOf({
    commands: commands(3),
    beacon_interval_s: 60,
    beacon_jitter_pct: 0.1,
  }, { maxChildren: 2, maxTags: 100 });
  tagging.advance(() => false);
  const beaconing = tagging.tags.filter(({ ruleId }) => ruleId === "R0031");
  assert.equal(beaconing.length, 2);
  assert.ok(
    tagging.tags.findIndex(({ sourceKind }) => sourceKind === "command") > 1,
    "they come first",
  );
  for (const { evidence } of beaconing) assert.equal(evidence["children_beyond_limit"], 1);
});

Deno.test("a producer cannot claim that something was left out", () => {
  const tagging = taggingOf(
    { commands: commands(1), children_beyond_limit: 7, tags_beyond_limit: 7 },
    { maxChildren: 10, maxTags: 10 },
  );
  tagging.advance(() => false);
  assert.ok(tagging.tags.length > 0);
  assert.deepEqual(tagging.tags.filter(({ sourceKind }) => sourceKind === "session"), []);
});

Deno.test("an event within its limits keeps everything and says nothing of limits", () => {
  const tagging = taggingOf({ commands: commands(4) }, { maxChildren: 4, maxTags: 1000 });
  tagging.advance(() => false);
  assert.equal(new Set(uuids(tagging)).size, tagging.tags.length);
  assert.deepEqual([tagging.childrenBeyond, tagging.tagsBeyond], [0, 0]);
  assert.ok(tagging.tags.every(({ sourceKind }) => sourceKind === "command"));
});

Deno.test("matches that are not written are all counted, and kept only up to the limit of tags", () => {
  const suppression = {
    tagUuid: "u",
    ruleId: "R0001",
    techniqueId: "T1082",
    reason: "below_floor",
  } as const;
  const tagger = {
    claimedKinds: new Set(["command", "session"] as const),
    tag: ({ sourceKind }: TaggerEvent) => ({
      tags: [],
      bumps: [],
      suppressed: sourceKind === "command" ? [suppression, suppression] : [],
    }),
  };
  const tagging = taggingOf({ commands: commands(10) }, { maxChildren: 10, maxTags: 5 }, tagger);
  tagging.advance(() => false);
  assert.equal(tagging.suppressed.length, 5);
  assert.deepEqual(Array.from(tagging.suppressedByReason), [["below_floor", 20]]);
});

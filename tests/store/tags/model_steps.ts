import fc from "fast-check";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import { tagUuid } from "../../../lib/tagging/identity.ts";
import type { Tag } from "../../../lib/tagging/tag.ts";
import { after, tag } from "../scratch.ts";

/** Ids as producers and attackers give them. */
const SOURCES = [
  ...["s1", "s1#cmd0", "s1#cmd1", "s1#cmd1#x", "s2", "s2#", "s2##", "#", "#s1", "cmd_1"],
  ...["☃", "☃#é", "a\ud800b", "a\udc00b", "a\ufffdb#c", "a\ud800b#c", "x".repeat(5000)],
  ...[`${"y".repeat(4000)}#${"z".repeat(4000)}`, "'; DROP TABLE tag; --", "%", "a|b", " "],
  ...["n\0", "n\0x", "n\0x#c", "n\0#c", "#\0", "#\0c", "\0", ""],
];

const labels = fc.constantFrom<Partial<Tag>>(
  {},
  { ruleId: "R0002", techniqueId: "T1105", tactic: "TA0011" },
  { ruleVersion: 2 },
  { techniqueId: "T1548", subTechniqueId: "T1548.001", tactic: "TA0004" },
  { techniqueId: "T1548", tactic: "TA0004", sourceKind: "session" },
  { techniqueId: "T1548", subTechniqueId: "T1548.002", attackRelease: "enterprise-18.1" },
  { tactic: "TA0001", attackRelease: "enterprise-18.1" },
);

const attacker = fc.constantFrom("a1", "a2", "a3", "☃");
const identity = fc.constantFrom("i1", "i2", "i3");
const session = fc.constantFrom("s1", "s2", "☃", "other");
const decky = fc.constantFrom("d1", "decky-4d73p", "decky-bri98");

/** To whom a tag belongs. */
const owner = fc.oneof(
  fc.record(
    { attackerUuid: attacker, identityUuid: identity, sessionId: session, deckyId: decky },
    {
      requiredKeys: ["attackerUuid"],
    },
  ),
  fc.record({ identityUuid: identity, sessionId: session, deckyId: decky }, {
    requiredKeys: ["identityUuid"],
  }),
);

const newTag = fc.record({
  sourceId: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...SOURCES) }, {
    weight: 1,
    arbitrary: fc.string({ unit: "binary", maxLength: 6 }),
  }),
  labels,
  owner,
  confidence: fc.constantFrom(0, 0.1, 0.5, 0.93, 0.95, 1),
  time: fc.option(
    fc.record({
      observedAt: fc.oneof(
        fc.integer({ min: -100, max: 400 }).map((minute) => after(minute).toISOString()),
        fc.constantFrom("1985-10-26T01:21:00.000Z", "2017-11-05T03:04:05.678Z"),
      ),
    }),
    { nil: {} },
  ),
}).map(({ sourceId, labels, owner, confidence, time }): Tag => {
  const { attackerUuid: _, ...rest } = tag({ sourceId, confidence, ...labels });
  const whole = { ...rest, ...owner, ...time };
  return { ...whole, uuid: tagUuid(whole) };
});

const minutes = fc.integer({ min: 0, max: 400 });

/** What can be asked of sums alone. */
const facts = {
  techniqueId: fc.constantFrom("T1083", "T1548", "T1548.001", "T9999"),
  tactic: fc.constantFrom("TA0007", "TA0004"),
  ruleId: fc.constantFrom("R0015", "R0002"),
  minConfidence: fc.constantFrom(0.1, 0.5, 0.94),
};

const anyFilter: fc.Arbitrary<TagFilter> = fc.record({
  ...facts,
  since: minutes.map(after),
  until: minutes.map(after),
  labelledSince: minutes.map(after),
  attackerUuid: attacker,
  identityUuid: identity,
  sessionId: session,
  deckyId: decky,
  sourceKind: fc.constantFrom("command", "session"),
}, { requiredKeys: [] });

const filter: fc.Arbitrary<TagFilter> = fc.oneof(
  anyFilter,
  fc.record({ deckyId: decky, ...facts }, { requiredKeys: ["deckyId"] }),
  fc.record({ deckyId: decky }),
  fc.constant({ since: new Date("2001-01-01T00:00:00Z") }),
  fc.record({ since: minutes.map(after), until: minutes.map(after) }, { requiredKeys: [] }),
  fc.constant({}),
);

/** What a transaction can be made of. */
export type Write =
  | { readonly do: "insert"; readonly tags: readonly Tag[] }
  | { readonly do: "crowd"; readonly source: string; readonly from: number; readonly to: number }
  | { readonly do: "bump"; readonly attacker: string; readonly rule: string }
  | { readonly do: "merge"; readonly loser: string; readonly winner: string }
  | { readonly do: "unmerge"; readonly identity: string }
  | { readonly do: "identity"; readonly attacker: string; readonly identity: string }
  | { readonly do: "forget"; readonly attacker: string }
  | { readonly do: "prune"; readonly minutes: number; readonly limit: number }
  | { readonly do: "part"; readonly works: boolean; readonly writes: readonly Write[] };

/** One thing that one of the connections does, so many minutes after the last. */
export type Step =
  & { readonly store: number; readonly later: number }
  & (
    | Write
    | { readonly do: "reopen" }
    | { readonly do: "checkpoint" }
    | { readonly do: "release" }
    | { readonly do: "look" }
    | { readonly do: "ask"; readonly filter: TagFilter }
  );

const isDone = <Name extends string>(name: Name) => ({ do: fc.constant(name) });

const { write } = fc.letrec<{ write: Write }>((tie) => ({
  write: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    {
      weight: 8,
      arbitrary: fc.record({
        ...isDone("insert"),
        tags: fc.array(newTag, { minLength: 1, maxLength: 12 }),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        ...isDone("crowd"),
        source: fc.constantFrom("s1", "s2", "#"),
        from: fc.nat({ max: 10 }),
        to: fc.nat({ max: 40 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ ...isDone("identity"), attacker, identity }) },
    {
      weight: 1,
      arbitrary: fc.record({ ...isDone("bump"), attacker, rule: fc.constantFrom("R1", "R2") }),
    },
    { weight: 2, arbitrary: fc.record({ ...isDone("merge"), loser: identity, winner: identity }) },
    { weight: 1, arbitrary: fc.record({ ...isDone("unmerge"), identity }) },
    { weight: 1, arbitrary: fc.record({ ...isDone("forget"), attacker }) },
    {
      weight: 1,
      arbitrary: fc.record({ ...isDone("prune"), minutes, limit: fc.integer({ min: 1, max: 9 }) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...isDone("part"),
        works: fc.boolean(),
        writes: fc.array(tie("write"), { maxLength: 4 }),
      }),
    },
  ),
}));

/** Connections to one file. */
export const STORES = 3;

/** What one of the connections does next. */
export const step: fc.Arbitrary<Step> = fc.tuple(
  fc.record({
    store: fc.nat({ max: STORES - 1 }),
    later: fc.constantFrom(0, 0, 1, 30, 61, -45),
  }),
  fc.oneof(
    { weight: 8, arbitrary: write },
    { weight: 1, arbitrary: fc.record(isDone("reopen")) },
    { weight: 1, arbitrary: fc.record(isDone("checkpoint")) },
    { weight: 1, arbitrary: fc.record(isDone("release")) },
    { weight: 2, arbitrary: fc.record(isDone("look")) },
    { weight: 2, arbitrary: fc.record({ ...isDone("ask"), filter }) },
  ),
).map(([who, what]) => ({ ...who, ...what }) as Step);

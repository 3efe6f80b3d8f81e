import assert from "assert";
import fc from "fast-check";
import { busiest } from "../../lib/store/queries/busiest.ts";
import { leaders } from "../../lib/store/queries/leaders.ts";
import { NewTags } from "../../lib/store/queries/new_tags.ts";
import { listSightings } from "../../lib/store/queries/sightings.ts";
import { ruleSummaries, techniqueSummaries, totals } from "../../lib/store/queries/summaries.ts";
import { sums } from "../../lib/store/queries/sums.ts";
import { tacticTimeline } from "../../lib/store/queries/tactic_timeline.ts";
import type { TagFilter } from "../../lib/store/queries/tag_filter.ts";
import { listTags } from "../../lib/store/queries/tag_list.ts";
import { releaseSpace } from "../../lib/store/space.ts";
import type { Store } from "../../lib/store/store.ts";
import { tagUuid } from "../../lib/tagging/identity.ts";
import type { Tag } from "../../lib/tagging/tag.ts";
import { assertConsistent } from "./consistency.ts";
import { Model, summed } from "./model.ts";
import { after, Scratch, settle, tag } from "./scratch.ts";

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
);

const attacker = fc.constantFrom("a1", "a2", "a3", "☃");
const identity = fc.constantFrom("i1", "i2", "i3");
const session = fc.constantFrom("s1", "s2", "☃", "other");
const decky = fc.constantFrom("d1", "d2");

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
}).map(({ sourceId, labels, owner, confidence }): Tag => {
  const { attackerUuid: _, ...rest } = tag({ sourceId, confidence, ...labels });
  const whole = { ...rest, ...owner };
  return { ...whole, uuid: tagUuid(whole) };
});

const minutes = fc.integer({ min: 0, max: 400 });

const filter: fc.Arbitrary<TagFilter> = fc.record({
  since: minutes.map(after),
  until: minutes.map(after),
  attackerUuid: attacker,
  identityUuid: identity,
  sessionId: session,
  deckyId: decky,
  techniqueId: fc.constantFrom("T1083", "T1548", "T1548.001", "T9999"),
  tactic: fc.constantFrom("TA0007", "TA0004"),
  ruleId: fc.constantFrom("R0015", "R0002"),
  sourceKind: fc.constantFrom("command", "session"),
  minConfidence: fc.constantFrom(0.1, 0.5, 0.94),
}, { requiredKeys: [] });

/** Each condition alone, and what people combine; more come at random. */
const FILTERS: readonly TagFilter[] = [
  {},
  { since: after(100) },
  { until: after(100) },
  { since: after(31), until: after(151) },
  { attackerUuid: "a1" },
  { identityUuid: "i1" },
  { sessionId: "s1" },
  { deckyId: "d1" },
  { techniqueId: "T1548" },
  { techniqueId: "T1548.001" },
  { tactic: "TA0004" },
  { ruleId: "R0002" },
  { sourceKind: "session" },
  { minConfidence: 0.5 },
];

/** What a transaction can be made of. */
type Write =
  | { readonly do: "insert"; readonly tags: readonly Tag[] }
  | { readonly do: "crowd"; readonly source: string; readonly from: number; readonly to: number }
  | { readonly do: "bump"; readonly attacker: string; readonly rule: string }
  | { readonly do: "merge"; readonly loser: string; readonly winner: string }
  | { readonly do: "identity"; readonly attacker: string; readonly identity: string }
  | { readonly do: "forget"; readonly attacker: string }
  | { readonly do: "prune"; readonly minutes: number; readonly limit: number }
  | { readonly do: "part"; readonly works: boolean; readonly writes: readonly Write[] };

type Step =
  & { readonly store: number; readonly later: number }
  & (
    | Write
    | { readonly do: "reopen" }
    | { readonly do: "settle" }
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

const STORES = 3;

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.record({
    store: fc.nat({ max: STORES - 1 }),
    later: fc.constantFrom(0, 0, 1, 30, 61),
  }),
  fc.oneof(
    { weight: 8, arbitrary: write },
    { weight: 2, arbitrary: fc.record(isDone("settle")) },
    { weight: 1, arbitrary: fc.record(isDone("reopen")) },
    { weight: 1, arbitrary: fc.record(isDone("checkpoint")) },
    { weight: 1, arbitrary: fc.record(isDone("release")) },
    { weight: 2, arbitrary: fc.record(isDone("look")) },
    { weight: 2, arbitrary: fc.record({ ...isDone("ask"), filter }) },
  ),
).map(([who, what]) => ({ ...who, ...what }) as Step);

class PartUndone extends Error {}

/** Several connections to one file, those who follow it, and what all of it ought to be. */
class Trial {
  readonly #scratch: Scratch;
  readonly #model = new Model();
  readonly #stores: Store[];
  readonly #followers: readonly { readonly news: NewTags; readonly filter: TagFilter }[];
  /** Uuids of what each follower has not been shown yet. */
  readonly #unseen: readonly Set<string>[];
  #minutes = 0;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#stores = Array.from({ length: STORES }, () => scratch.open());
    this.#followers = [{}, { attackerUuid: "a1" }].map((filter) => ({
      news: new NewTags(scratch.open({ access: "read_only" }), filter),
      filter,
    }));
    this.#unseen = this.#followers.map(() => new Set<string>());
  }

  take(step: Step): void {
    this.#minutes += step.later;
    const store = this.#stores[step.store]!;
    const before = new Set(this.#model.tags.map(({ uuid }) => this.#model.writeOf(uuid)));
    if (step.do === "reopen") {
      store.close();
      this.#stores[step.store] = this.#scratch.open();
    } else if (step.do === "settle") settle(store);
    else if (step.do === "checkpoint") store.checkpoint();
    else if (step.do === "release") releaseSpace(store);
    else if (step.do === "look") this.#look();
    else if (step.do === "ask") this.#compare(store, step.filter);
    else this.#write(store, step);
    this.#compareRows(this.#stores[step.store]!);
    for (const { uuid } of this.#model.tags) {
      if (!before.has(this.#model.writeOf(uuid))) {
        this.#unseen.forEach((unseen) => unseen.add(uuid));
      }
    }
  }

  finish(): void {
    this.#look();
    for (const store of [...this.#stores, this.#scratch.open({ access: "read_only" })]) {
      this.#compareRows(store);
    }
    FILTERS.forEach((filter, index) => this.#compare(this.#stores[index % STORES]!, filter));
    assertConsistent(this.#stores[0]!);
  }

  #write(store: Store, write: Write): void {
    const model = this.#model;
    if (write.do === "insert") {
      const at = after(this.#minutes);
      assert.deepEqual(store.tags.insert(write.tags, at), model.insert(write.tags, at));
    } else if (write.do === "crowd") {
      for (let part = write.from; part < write.to; part++) {
        const one = tag({ sourceId: `${write.source}#cmd${part}` });
        const tags = [{ ...one, uuid: tagUuid(one) }];
        this.#write(store, { do: "insert", tags });
      }
    } else if (write.do === "bump") {
      const bump = { ruleId: write.rule, attackerUuid: write.attacker, by: 0.05, ceiling: 0.95 };
      assert.equal(store.tags.bump(bump), model.bump(bump));
    } else if (write.do === "merge") {
      store.attackers.mergeIdentity(write.loser, write.winner);
      model.mergeIdentity(write.loser, write.winner);
    } else if (write.do === "identity") {
      store.attackers.setIdentity([write.attacker], write.identity);
      model.setIdentity(write.attacker, write.identity);
    } else if (write.do === "forget") {
      assert.equal(store.forget({ uuid: write.attacker }).tags, model.forget(write.attacker));
    } else if (write.do === "prune") this.#prune(store, after(write.minutes), write.limit);
    else this.#part(store, write.works, write.writes);
  }

  #part(store: Store, works: boolean, writes: readonly Write[]): void {
    const undo = this.#model.save();
    const run = () =>
      store.transaction(() => {
        for (const write of writes) this.#write(store, write);
        if (!works) throw new PartUndone();
      });
    if (works) return run();
    assert.throws(run, PartUndone);
    undo();
  }

  /** Which of the tags of one time go is the store's to say, how many and how old is not. */
  #prune(store: Store, olderThan: Date, limit: number): void {
    const removed = store.tags.prune({ olderThan, limit });
    const left = new Set([...listTags(store)].map(({ uuid }) => uuid));
    const gone = this.#model.tags.filter(({ uuid }) => !left.has(uuid));
    const old = this.#model.list({ until: olderThan }).map(({ createdAt }) => createdAt).sort();
    assert.equal(removed, gone.length);
    assert.deepEqual(gone.map(({ createdAt }) => createdAt).sort(), old.slice(0, removed));
    assert.equal(removed > 0, old.length > 0);
    const first = gone[0];
    const alike = gone.every((one) =>
      one.attackerUuid === first?.attackerUuid && one.createdAt === first?.createdAt
    );
    assert.ok(removed <= limit || alike, "what is more than the limit was written together");
    this.#model.remove(({ uuid }) => !left.has(uuid));
  }

  /** Those who follow see what is new, each once; what went meanwhile they do not see. */
  #look(): void {
    this.#followers.forEach(({ news, filter }, index) => {
      const seen: string[] = [];
      for (let some = news.next(); some.length > 0; some = news.next()) {
        seen.push(...some.map(({ uuid }) => uuid));
      }
      const meant = this.#model.list(filter).map(({ uuid }) => uuid);
      assert.deepEqual(
        seen.toSorted(),
        meant.filter((uuid) => this.#unseen[index]!.has(uuid)).toSorted(),
      );
      this.#unseen[index]!.clear();
    });
  }

  #compareRows(store: Store): void {
    const tags = this.#model.tags;
    const rows = store.database.prepare("SELECT * FROM ttp_tag ORDER BY uuid").all<object>();
    const expected = tags.map((tag) => ({
      uuid: tag.uuid,
      source_kind: tag.sourceKind,
      source_id: tag.sourceId,
      attacker_uuid: tag.attackerUuid ?? null,
      identity_uuid: tag.identityUuid ?? null,
      session_id: tag.sessionId ?? null,
      decky_id: tag.deckyId ?? null,
      tactic: tag.tactic,
      technique_id: tag.techniqueId,
      sub_technique_id: tag.subTechniqueId ?? null,
      confidence: tag.confidence,
      rule_id: tag.ruleId,
      rule_version: tag.ruleVersion,
      evidence: JSON.stringify(tag.evidence),
      attack_release: tag.attackRelease,
      mitre_url: tag.mitreUrl,
      created_at: tag.createdAt,
    })).sort((a, b) => a.uuid < b.uuid ? -1 : 1);
    assert.deepEqual(rows.map((row) => ({ ...row })), expected);
    assert.equal(store.tags.count(), tags.length);
    assert.deepEqual([...store.tags.countByTactic()].sort(), [...this.#model.byTactic()].sort());
  }

  #compare(store: Store, filter: TagFilter): void {
    const model = this.#model;
    const expected = model.list(filter);
    const oldest = [...listTags(store, filter)];
    const newest = [...listTags(store, filter, { first: "newest" })];
    assert.deepEqual(sorted(oldest), sorted(expected));
    assert.deepEqual(newest, oldest.toReversed());
    assert.deepEqual(times(oldest), times(oldest).sort());
    assert.deepEqual([...listTags(store, filter, { limit: 3 })], oldest.slice(0, 3));
    for (const one of expected) assert.deepEqual(store.tags.get(one.uuid), one);
    const together = {
      totals: summed(expected),
      techniques: sorted(model.techniques(filter)),
      rules: sorted(model.rules(filter)),
    };
    const read = sums(store, filter);
    assert.deepEqual({
      totals: read.totals,
      techniques: sorted(read.techniques),
      rules: sorted(read.rules),
    }, together);
    assert.deepEqual({
      totals: totals(store, filter),
      techniques: sorted(techniqueSummaries(store, filter)),
      rules: sorted(ruleSummaries(store, filter)),
    }, together);
    assert.deepEqual(sorted(tacticTimeline(store, "hour", filter)), sorted(model.hours(filter)));
    for (const owner of ["attacker", "identity", "session", "decky"] as const) {
      const most = busiest(store, owner, filter, 1000);
      assert.deepEqual(sorted(most), sorted(model.owners(owner, filter)));
      assert.deepEqual(most.map((one) => one.tags), most.map((one) => one.tags).sort(descending));
    }
    for (const owner of ["attacker", "decky"] as const) {
      const { rows, total, cut } = leaders(store, owner, filter, { limit: 1000 });
      const owners = model.owners(owner, filter);
      assert.deepEqual([sorted(rows), total, cut], [sorted(owners), owners.length, false]);
    }
    const sightings = [...listSightings(store, filter)]
      .map(({ identityUuid: _, ...sighting }) => sighting);
    assert.deepEqual(sorted(sightings), sorted(model.sightings(filter)));
  }
}

const descending = (a: number, b: number) => b - a;

const times = (tags: readonly { readonly createdAt: string }[]) =>
  tags.map(({ createdAt }) => createdAt);

/** The same in an order that depends on nothing but what they are. */
function sorted(values: readonly object[]): readonly object[] {
  const text = (value: object) => JSON.stringify(Object.entries(value).sort());
  return values.map((value) => ({ ...value })).sort((a, b) => text(a) < text(b) ? -1 : 1);
}

Deno.test("whatever is done by several at once, a store of tags says what a plain list of them says", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30, size: "max" }), (steps) => {
      using scratch = new Scratch();
      const trial = new Trial(scratch);
      for (const one of steps) trial.take(one);
      trial.finish();
    }),
    { numRuns: 25 },
  );
});

import assert from "assert";
import fc from "fast-check";
import { NewTags } from "../../../lib/store/queries/new_tags.ts";
import { listSightings } from "../../../lib/store/queries/sightings.ts";
import { ruleSummaries, techniqueSummaries, totals } from "../../../lib/store/queries/summaries.ts";
import { sums } from "../../../lib/store/queries/sums.ts";
import { tacticTimeline } from "../../../lib/store/queries/tactic_timeline.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import { listTags } from "../../../lib/store/queries/tag_list.ts";
import { releaseSpace } from "../../../lib/store/sqlite/space.ts";
import { topByCount } from "../../../lib/store/queries/top_by_count.ts";
import type { Store } from "../../../lib/store/store.ts";
import { tagUuid } from "../../../lib/tagging/identity.ts";
import { assertConsistent } from "./consistency.ts";
import { Model, summed } from "./model.ts";
import { type Step, step, STORES, type Write } from "./model_steps.ts";
import { after, Scratch, tag } from "../scratch.ts";

/** Each condition alone, and what people combine; more come at random. */
const FILTERS: readonly TagFilter[] = [
  {},
  { since: after(100) },
  { until: after(100) },
  { since: after(31), until: after(151) },
  { attackerUuid: "a1" },
  { identityUuid: "i1" },
  { sessionId: "s1" },
  { deckyId: "decky-4d73p" },
  { since: new Date("2001-01-01T00:00:00Z") },
  { labelledSince: after(60) },
  { techniqueId: "T1548" },
  { techniqueId: "T1548.001" },
  { tactic: "TA0004" },
  { ruleId: "R0002" },
  { sourceKind: "session" },
  { minConfidence: 0.5 },
];

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
    } else if (step.do === "checkpoint") store.checkpoint();
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
      model.identities.merge(write.loser, write.winner);
    } else if (write.do === "unmerge") {
      store.attackers.identities.unmerge(write.identity);
      model.identities.unmerge(write.identity);
    } else if (write.do === "identity") {
      store.attackers.setIdentity([write.attacker], write.identity);
      model.identities.set(write.attacker, write.identity);
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

  /** Which of the events of one age go is the store's to say, how many and how old is not. */
  #prune(store: Store, olderThan: Date, limit: number): void {
    const old = this.#model.eventsBefore(olderThan);
    const removed = store.tags.prune({ olderThan, limit });
    const left = new Set([...listTags(store)].map(({ uuid }) => uuid));
    const gone = new Set(
      this.#model.tags.map(({ uuid }) => uuid).filter((uuid) => !left.has(uuid)),
    );
    assert.equal(removed, gone.size);
    assert.equal(removed > 0, old.length > 0);
    const events = old.filter(({ uuids }) => uuids.some((uuid) => gone.has(uuid)));
    assert.deepEqual(events.flatMap(({ uuids }) => uuids).toSorted(), [...gone].sort());
    assert.deepEqual(
      events.map(({ age }) => age),
      old.slice(0, events.length).map(({ age }) => age),
    );
    assert.ok(
      removed <= limit || events.length === 1,
      "what is more than the limit is one event's",
    );
    this.#model.remove(gone);
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
      attacker_ip: null,
      identity_uuid: tag.identityUuid ?? null,
      session_id: tag.sessionId ?? null,
      decky_id: tag.deckyId ?? null,
      sensor: null,
      tactic: tag.tactic,
      technique_id: tag.techniqueId,
      sub_technique_id: tag.subTechniqueId ?? null,
      confidence: tag.confidence,
      rule_id: tag.ruleId,
      rule_version: tag.ruleVersion,
      evidence: JSON.stringify(tag.evidence),
      attack_release: tag.attackRelease,
      mitre_url: tag.mitreUrl,
      observed_at: tag.observedAt,
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
      const { rows, total, cut } = topByCount(store, owner, filter, { limit: 1000 });
      const owners = model.owners(owner, filter);
      assert.deepEqual([sorted(rows), total, cut], [sorted(owners), owners.length, false]);
      assert.deepEqual(rows.map((one) => one.tags), rows.map((one) => one.tags).sort(descending));
    }
    const sightings = [...listSightings(store, filter)]
      .map(({ identityUuid: _, ...sighting }) => sighting);
    assert.deepEqual(sorted(sightings), sorted(model.sightings(filter)));
  }
}

const descending = (a: number, b: number) => b - a;

const times = (tags: readonly { readonly observedAt: string }[]) =>
  tags.map(({ observedAt }) => observedAt);

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

import type { NameCount } from "../../../lib/store/queries/top_by_count.ts";
import type { Sighting } from "../../../lib/store/queries/sightings.ts";
import type {
  RuleSummary,
  Summary,
  TechniqueSummary,
} from "../../../lib/store/queries/summaries.ts";
import type { TagFilter } from "../../../lib/store/queries/tag_filter.ts";
import type { TacticTime } from "../../../lib/store/queries/tactic_timeline.ts";
import type { StoredTag } from "../../../lib/store/tags/tag_row.ts";
import type { Bump, Tag } from "../../../lib/tagging/tag.ts";
import { ModelIdentities } from "./model_identities.ts";

/** Names of owners, in `NameCount`'s sense. */
const OWNERS = {
  attacker: "attackerUuid",
  identity: "identityUuid",
  session: "sessionId",
  decky: "deckyId",
} as const;

/** What the first tag of an event says of it. */
interface ModelEvent {
  readonly first: Tag;
  readonly observedAt: string;
  readonly createdAt: string;
  relabelledAt: string;
}

interface ModelTag {
  readonly tag: Tag;
  readonly event: ModelEvent;
  /** The first tag of its label. */
  readonly label: Tag;
  readonly confidence: number;
  readonly createdAt: string;
}

/** What a store of tags ought to do, in the plainest way: a list that is walked through. */
export class Model {
  readonly identities = new ModelIdentities();
  #tags: ModelTag[] = [];
  #events = new Map<string, ModelEvent>();
  #labels = new Map<string, Tag>();
  #bumped = new Set<string>();
  /** Which write a tag came by: one that is removed and comes again is another. */
  #writes = new Map<string, number>();
  #lastWrite = 0;

  /** All tags, in the order in which they were written. */
  get tags(): readonly StoredTag[] {
    return this.#tags.map((one) => this.#shown(one));
  }

  /** The number of the write that a tag came by, which is given once. */
  writeOf(uuid: string): number {
    return this.#writes.get(uuid)!;
  }

  /** How it is now, to go back to. */
  save(): () => void {
    const restoreIdentities = this.identities.save();
    const [tags, labels, bumped, writes] = [
      [...this.#tags],
      new Map(this.#labels),
      new Set(this.#bumped),
      new Map(this.#writes),
    ];
    const events = new Map(Array.from(this.#events, ([key, event]) => [key, { ...event }]));
    return () => {
      restoreIdentities();
      this.#events = events;
      this.#tags = tags.map((one) => ({ ...one, event: events.get(eventKey(one.tag))! }));
      this.#labels = labels;
      this.#bumped = bumped;
      this.#writes = writes;
    };
  }

  insert(tags: readonly Tag[], at: Date): readonly Tag[] {
    return tags.filter((tag) => this.#insert(tag, at.toISOString()));
  }

  #insert(tag: Tag, at: string): boolean {
    const [ofEvent, ofLabel] = [eventKey(tag), labelKey(tag)];
    const isKnown = this.#tags.some((one) =>
      eventKey(one.tag) === ofEvent && labelKey(one.tag) === ofLabel
    );
    if (isKnown) return false;
    let event = this.#events.get(ofEvent);
    if (event === undefined) {
      const observedAt = tag.observedAt ?? at;
      event = { first: tag, observedAt, createdAt: at, relabelledAt: at };
      this.#events.set(ofEvent, event);
      if (tag.attackerUuid !== undefined && tag.identityUuid !== undefined) {
        this.identities.fill(tag.attackerUuid, tag.identityUuid);
      }
    }
    if (at > event.relabelledAt) event.relabelledAt = at;
    const label = this.#labels.get(ofLabel) ?? tag;
    this.#labels.set(ofLabel, label);
    this.#writes.set(tag.uuid, ++this.#lastWrite);
    this.#tags.push({ tag, event, label, confidence: tag.confidence, createdAt: at });
    return true;
  }

  /** A tag as it is read again. */
  #shown({ tag, event, label, confidence, createdAt }: ModelTag): StoredTag {
    const { attackerUuid, sessionId, deckyId } = event.first;
    const identityUuid = this.identities.shownOf(event.first);
    const { tactic, attackRelease, mitreUrl } = label;
    const { uuid, sourceKind, techniqueId, subTechniqueId, ruleId, ruleVersion, evidence } = tag;
    return {
      ...{ uuid, sourceKind, sourceId: read(tag.sourceId), tactic, techniqueId, confidence },
      ...{ ruleId, ruleVersion, evidence, attackRelease, mitreUrl, createdAt },
      observedAt: event.observedAt,
      ...(subTechniqueId !== undefined && { subTechniqueId }),
      ...(attackerUuid !== undefined && { attackerUuid }),
      ...(identityUuid !== undefined && { identityUuid }),
      ...(sessionId !== undefined && { sessionId }),
      ...(deckyId !== undefined && { deckyId }),
    };
  }

  bump({ ruleId, attackerUuid, by, ceiling }: Bump): number {
    let raised = 0;
    this.#tags = this.#tags.map((one) => {
      const key = `${ruleId} ${one.tag.uuid}`;
      if (one.event.first.attackerUuid !== attackerUuid || one.confidence >= ceiling) return one;
      if (this.#bumped.has(key)) return one;
      this.#bumped.add(key);
      raised++;
      const confidence = Math.min(ceiling, Math.round((one.confidence + by) * 1e4) / 1e4);
      return { ...one, confidence };
    });
    return raised;
  }

  forget(attackerUuid: string): number {
    this.identities.forget(attackerUuid);
    return this.#remove((one) => one.event.first.attackerUuid === attackerUuid);
  }

  /** Removes tags by their uuids, and events that have none left. */
  remove(uuids: ReadonlySet<string>): void {
    this.#remove(({ tag }) => uuids.has(tag.uuid));
  }

  #remove(which: (tag: ModelTag) => boolean): number {
    const gone = new Set(this.#tags.filter(which));
    this.#tags = this.#tags.filter((tag) => !gone.has(tag));
    const left = new Set(this.#tags.map(({ tag }) => eventKey(tag)));
    for (const key of this.#events.keys()) if (!left.has(key)) this.#events.delete(key);
    // A tag that comes again is another one.
    for (const { tag: { uuid } } of gone) {
      for (const key of this.#bumped) if (key.endsWith(` ${uuid}`)) this.#bumped.delete(key);
    }
    return gone.size;
  }

  /** Events that were neither observed nor labelled since a time, oldest first. */
  eventsBefore(olderThan: Date): readonly { readonly age: string; readonly uuids: string[] }[] {
    const byEvent = Map.groupBy(this.#tags, ({ event }) => event);
    return Array.from(byEvent, ([{ observedAt, relabelledAt }, tags]) => ({
      age: observedAt > relabelledAt ? observedAt : relabelledAt,
      uuids: tags.map(({ tag }) => tag.uuid),
    })).filter(({ age }) => age < olderThan.toISOString())
      .sort((a, b) => a.age < b.age ? -1 : a.age > b.age ? 1 : 0);
  }

  list(filter: TagFilter): readonly StoredTag[] {
    const [technique, sub] = filter.techniqueId?.split(".") ?? [];
    const identity = this.identities.inForce(filter.identityUuid ?? "");
    const conditions: readonly [unknown, (tag: StoredTag) => boolean][] = [
      [filter.since, ({ observedAt }) => observedAt >= filter.since!.toISOString()],
      [filter.until, ({ observedAt }) => observedAt < filter.until!.toISOString()],
      [filter.labelledSince, (tag) => tag.createdAt >= filter.labelledSince!.toISOString()],
      [filter.attackerUuid, (tag) => tag.attackerUuid === filter.attackerUuid],
      [filter.identityUuid, (tag) => tag.identityUuid === identity],
      [filter.sessionId, (tag) => tag.sessionId === filter.sessionId],
      [filter.deckyId, (tag) => tag.deckyId === filter.deckyId],
      [technique, (tag) => tag.techniqueId === technique],
      [sub, (tag) => tag.subTechniqueId === filter.techniqueId],
      [filter.tactic, (tag) => tag.tactic === filter.tactic],
      [filter.ruleId, (tag) => tag.ruleId === filter.ruleId],
      [filter.sourceKind, (tag) => tag.sourceKind === filter.sourceKind],
      [filter.minConfidence, ({ confidence }) => confidence >= filter.minConfidence!],
    ];
    const asked = conditions.filter(([value]) => value !== undefined);
    return this.tags.filter((tag) => asked.every(([, isMet]) => isMet(tag)));
  }

  byTactic(): readonly [string, number][] {
    const tactics = Map.groupBy(this.tags, ({ tactic }) => tactic);
    return [...tactics].map(([tactic, { length }]) => [tactic, length]);
  }

  techniques(filter: TagFilter): readonly TechniqueSummary[] {
    return grouped(this.list(filter), ({ tactic, techniqueId, subTechniqueId, attackRelease }) => ({
      ...{ tactic, techniqueId, attackRelease },
      ...(subTechniqueId !== undefined && { subTechniqueId }),
    }));
  }

  rules(filter: TagFilter): readonly RuleSummary[] {
    return grouped(this.list(filter), ({ ruleId }) => ({ ruleId }));
  }

  owners(owner: keyof typeof OWNERS, filter: TagFilter): readonly NameCount[] {
    const named = this.list(filter).filter((tag) => tag[OWNERS[owner]] !== undefined);
    return grouped(named, (tag) => ({ id: tag[OWNERS[owner]]! }))
      .map(({ bestConfidence: _, ...count }) => count);
  }

  hours(filter: TagFilter): readonly TacticTime[] {
    return grouped(
      this.list(filter),
      ({ observedAt, tactic }) => ({ at: observedAt.slice(0, 13), tactic }),
    ).map(({ at, tactic, tags }) => ({ at, tactic, tags }));
  }

  sightings(filter: TagFilter): readonly Omit<Sighting, "identityUuid">[] {
    return grouped(this.list(filter), (tag) => ({
      ...(tag.attackerUuid !== undefined && { attackerUuid: tag.attackerUuid }),
      alone: tag.attackerUuid === undefined ? tag.identityUuid : undefined,
      techniqueId: tag.techniqueId,
      ...(tag.subTechniqueId !== undefined && { subTechniqueId: tag.subTechniqueId }),
      attackRelease: tag.attackRelease,
    })).map(({ alone: _, ...sighting }) => sighting);
  }
}

function eventKey({ sourceKind, sourceId }: Tag): string {
  return `${sourceKind} ${sourceId.toWellFormed()}`;
}

function labelKey({ ruleId, ruleVersion, techniqueId, subTechniqueId = "" }: Tag): string {
  return [ruleId, ruleVersion, techniqueId, subTechniqueId].join(" ");
}

/** A text as it is read again: what is no Unicode is replaced, and the runtime ends at a NUL. */
function read(text: string): string {
  return text.toWellFormed().split("\0")[0]!;
}

/** All tags summed up; nothing when there are none. */
export function summed(tags: readonly StoredTag[]): Summary | undefined {
  if (tags.length === 0) return undefined;
  const times = tags.map(({ observedAt }) => observedAt).sort();
  return {
    tags: tags.length,
    firstSeen: times[0]!,
    lastSeen: times.at(-1)!,
    bestConfidence: tags.reduce((best, { confidence }) => Math.max(best, confidence), 0),
  };
}

function grouped<Name extends object>(
  tags: readonly StoredTag[],
  nameOf: (tag: StoredTag) => Name,
): readonly (Name & Summary)[] {
  return Array.from(
    Map.groupBy(tags, (tag) => JSON.stringify(nameOf(tag))).values(),
    (same) => ({ ...nameOf(same[0]!), ...summed(same)! }),
  );
}

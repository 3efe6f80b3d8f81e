import type { NameCount } from "../../../lib/store/queries/name_counts.ts";
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

/** Names of owners, in `NameCount`'s sense. */
const OWNERS = {
  attacker: "attackerUuid",
  identity: "identityUuid",
  session: "sessionId",
  decky: "deckyId",
} as const;

/** What a store of tags ought to do, in the plainest way: a list that is walked through. */
export class Model {
  #tags: StoredTag[] = [];
  #bumped = new Set<string>();
  /** Identity by attacker. */
  #identities = new Map<string, string>();
  /** Which write a tag came by: one that is removed and comes again is another. */
  #writes = new Map<string, number>();
  #lastWrite = 0;

  /** All tags, in the order in which they were written. */
  get tags(): readonly StoredTag[] {
    return this.#tags;
  }

  /** The number of the write that a tag came by, which is given once. */
  writeOf(uuid: string): number {
    return this.#writes.get(uuid)!;
  }

  /** How it is now, to go back to. */
  save(): () => void {
    const [tags, bumped, identities, writes] = [
      this.#tags,
      this.#bumped,
      this.#identities,
      this.#writes,
    ];
    this.#tags = [...tags];
    this.#bumped = new Set(bumped);
    this.#identities = new Map(identities);
    this.#writes = new Map(writes);
    return () => {
      this.#tags = tags;
      this.#bumped = bumped;
      this.#identities = identities;
      this.#writes = writes;
    };
  }

  insert(tags: readonly Tag[], at: Date): readonly Tag[] {
    const known = new Set(this.#tags.map(({ uuid }) => uuid));
    const fresh = tags.filter(({ uuid }) => known.size < known.add(uuid).size);
    const createdAt = at.toISOString();
    for (const { uuid } of fresh) this.#writes.set(uuid, ++this.#lastWrite);
    this.#tags.push(...fresh.map((tag) => ({ ...tag, sourceId: read(tag.sourceId), createdAt })));
    return fresh;
  }

  bump({ ruleId, attackerUuid, by, ceiling }: Bump): number {
    let raised = 0;
    this.#tags = this.#tags.map((tag) => {
      const { uuid, confidence } = tag;
      const key = `${ruleId} ${uuid}`;
      if (tag.attackerUuid !== attackerUuid || confidence >= ceiling) return tag;
      if (this.#bumped.has(key)) return tag;
      this.#bumped.add(key);
      raised++;
      return { ...tag, confidence: Math.min(ceiling, Math.round((confidence + by) * 1e4) / 1e4) };
    });
    return raised;
  }

  setIdentity(attackerUuid: string, identityUuid: string): void {
    this.#identities.set(attackerUuid, identityUuid);
  }

  mergeIdentity(loser: string, winner: string): void {
    for (const [attacker, identity] of this.#identities) {
      if (identity === loser) this.#identities.set(attacker, winner);
    }
    this.#tags = this.#tags.map((tag) =>
      tag.identityUuid === loser ? { ...tag, identityUuid: winner } : tag
    );
  }

  forget(attackerUuid: string): number {
    this.#identities.delete(attackerUuid);
    return this.remove((tag) => tag.attackerUuid === attackerUuid);
  }

  remove(which: (tag: StoredTag) => boolean): number {
    const gone = new Set(this.#tags.filter(which));
    this.#tags = this.#tags.filter((tag) => !gone.has(tag));
    // A tag that comes again is another one.
    for (const { uuid } of gone) {
      for (const key of this.#bumped) if (key.endsWith(` ${uuid}`)) this.#bumped.delete(key);
    }
    return gone.size;
  }

  list(filter: TagFilter): readonly StoredTag[] {
    const [technique, sub] = filter.techniqueId?.split(".") ?? [];
    const conditions: readonly [unknown, (tag: StoredTag) => boolean][] = [
      [filter.since, ({ createdAt }) => createdAt >= filter.since!.toISOString()],
      [filter.until, ({ createdAt }) => createdAt < filter.until!.toISOString()],
      [filter.attackerUuid, (tag) => tag.attackerUuid === filter.attackerUuid],
      [
        filter.identityUuid,
        (tag) =>
          tag.identityUuid === filter.identityUuid ||
          this.#identities.get(tag.attackerUuid ?? "") === filter.identityUuid,
      ],
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
    return this.#tags.filter((tag) => asked.every(([, isMet]) => isMet(tag)));
  }

  byTactic(): readonly [string, number][] {
    const tactics = Map.groupBy(this.#tags, ({ tactic }) => tactic);
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
    const tags = this.list(filter);
    const ids = new Set(tags.flatMap((tag) => this.#ownersOf(tag, owner)));
    return [...ids].flatMap((id) =>
      grouped(tags.filter((tag) => this.#ownersOf(tag, owner).includes(id)), () => ({ id }))
    ).map(({ bestConfidence: _, ...count }) => count);
  }

  /** A tag is its own identity's and that of its attacker. */
  #ownersOf(tag: StoredTag, owner: keyof typeof OWNERS): readonly string[] {
    const attackers = owner === "identity"
      ? this.#identities.get(tag.attackerUuid ?? "")
      : undefined;
    return [tag[OWNERS[owner]], attackers].filter((id) => id !== undefined);
  }

  hours(filter: TagFilter): readonly TacticTime[] {
    return grouped(
      this.list(filter),
      ({ createdAt, tactic }) => ({ at: createdAt.slice(0, 13), tactic }),
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

/** A text as it is read again: what is no Unicode is replaced, and the runtime ends at a NUL. */
function read(text: string): string {
  return text.toWellFormed().split("\0")[0]!;
}

/** All tags summed up; nothing when there are none. */
export function summed(tags: readonly StoredTag[]): Summary | undefined {
  if (tags.length === 0) return undefined;
  const times = tags.map(({ createdAt }) => createdAt).sort();
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

import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow, TAGS_BY_EVENT } from "../tags/tag_row.ts";
import { NewestOfTechniques } from "./newest_of_techniques.ts";
import type { TechniqueSummary } from "./summaries.ts";
import { conditionOf, isNarrow, type TagFilter } from "./tag_filter.ts";

/** Tags that are read at most for all techniques together, where the filter names somebody. */
const MAX_READ_OF_NAMED = 10_000;

/** Tags of one attacker that say the same by the same rule. */
export interface Example {
  /** The newest of them. */
  readonly tag: StoredTag;
  /** How many of those that were read. */
  readonly alike: number;
}

/** A technique under one tactic, as a summary names it. */
export type TechniqueKey = Pick<TechniqueSummary, "tactic" | "techniqueId" | "subTechniqueId">;

/** The key of a technique under one tactic, for maps. */
export function techniqueKey({ tactic, techniqueId, subTechniqueId }: TechniqueKey): string {
  return `${tactic} ${subTechniqueId ?? techniqueId}`;
}

/**
 * Tags with what they were told by, for each of the techniques, in bounded time
 * however many there are: told from the newest, those of most confidence first,
 * each evidence of a rule once before any comes from a second attacker.
 *
 * @param summaries the techniques that the filter has, from `techniqueSummaries`
 * @param limit at most so many of each
 * @returns by `techniqueKey`
 */
export function examples(
  store: Store,
  summaries: readonly TechniqueSummary[],
  filter: TagFilter,
  limit: number,
): ReadonlyMap<string, readonly Example[]> {
  if (isNarrow(filter)) {
    const byTechnique = Map.groupBy(newestOfNamed(store, filter), keyOfRow);
    return new Map(Array.from(byTechnique, ([key, rows]) => [key, surest(rows, limit)]));
  }
  const newest = new NewestOfTechniques(store, filter);
  // One technique after the other: evidence may be large, and most of what is read is not kept.
  return new Map(
    Map.groupBy(summaries, techniqueKey).entries().map(([key, ofReleases]) => {
      const rows = ofReleases.flatMap((summary) => newest.of(summary));
      return [key, surest(rows.sort(byNewness), limit)];
    }),
  );
}

function keyOfRow(row: TagRow): string {
  return techniqueKey({
    tactic: row.tactic,
    techniqueId: row.technique_id,
    ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
  });
}

function newestOfNamed({ database }: Store, filter: TagFilter): readonly TagRow[] {
  const { sql, values } = conditionOf(filter);
  return database.prepare(
    `SELECT ${TAG_COLUMNS} FROM ${TAGS_BY_EVENT} WHERE ${sql}
      ORDER BY +observed_at DESC, event.id DESC, tag.id DESC LIMIT ?`,
  ).all<TagRow>(...values, MAX_READ_OF_NAMED);
}

/** First of every evidence the tags of one attacker, then those of a second, as long as there is room. */
function surest(rows: readonly TagRow[], limit: number): readonly Example[] {
  const alike = Map.groupBy(
    rows,
    (row) => `${row.attacker_uuid ?? row.identity_uuid} ${row.rule_id} ${row.evidence}`,
  );
  const turns = new Map<string, number>();
  const inTurn = [...alike.values()].sort(([a], [b]) => bySureness(a!, b!)).map((same) => {
    const { rule_id, evidence } = same[0]!;
    const turn = turns.get(`${rule_id} ${evidence}`) ?? 0;
    turns.set(`${rule_id} ${evidence}`, turn + 1);
    return { same, turn };
  });
  return inTurn.sort((a, b) => a.turn - b.turn).slice(0, limit)
    .map(({ same }) => ({ tag: tagOf(same[0]!), alike: same.length }));
}

/** The surest first, then the newest. */
function bySureness(a: TagRow, b: TagRow): number {
  return b.confidence - a.confidence || byNewness(a, b);
}

function byNewness(a: TagRow, b: TagRow): number {
  return a.observed_at < b.observed_at ? 1 : a.observed_at > b.observed_at ? -1 : 0;
}

import type { Store } from "../store.ts";
import { type StoredTag, TAG_COLUMNS, tagOf, type TagRow } from "../tag_row.ts";
import type { TechniqueSummary } from "./summaries.ts";
import { conditionOf, isNarrow, type TagFilter } from "./tag_filter.ts";

/** Tags of one technique that are read at most for its examples, newest first. */
const MAX_READ_OF_TECHNIQUE = 200;

/** The same for all techniques together, where the filter names somebody. */
const MAX_READ_OF_NAMED = 20_000;

/** Tags that say the same by the same rule. */
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
 * each evidence of a rule once.
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
  const rows = isNarrow(filter)
    ? newestOfNamed(store, filter)
    : summaries.flatMap((summary) => newestOfTechnique(store, summary, filter));
  const byTechnique = Map.groupBy(rows, (row) =>
    techniqueKey({
      tactic: row.tactic,
      techniqueId: row.technique_id,
      ...(row.sub_technique_id !== null && { subTechniqueId: row.sub_technique_id }),
    }));
  return new Map(
    Array.from(byTechnique, ([key, ofOne]) => [key, distinct(ofOne).slice(0, limit)]),
  );
}

function newestOfNamed({ database }: Store, filter: TagFilter): readonly TagRow[] {
  const { sql, values } = conditionOf(filter);
  return database.prepare(
    `SELECT ${TAG_COLUMNS} FROM ttp_tag
      WHERE rowid IN (SELECT rowid FROM ttp_tag WHERE ${sql} ORDER BY +rowid DESC LIMIT ?)
      ORDER BY rowid DESC`,
  ).all<TagRow>(...values, MAX_READ_OF_NAMED);
}

/** A walk down the index of the technique from its last tag, which the summary knows. */
function newestOfTechnique(
  { database }: Store,
  { tactic, techniqueId, subTechniqueId, attackRelease, lastSeen }: TechniqueSummary,
  filter: TagFilter,
): readonly TagRow[] {
  const { sql, values } = conditionOf(filter);
  return database.prepare(
    `SELECT ${TAG_COLUMNS} FROM (
        SELECT ${TAG_COLUMNS} FROM ttp_tag INDEXED BY ttp_tag_technique
        WHERE technique_id = ? AND created_at <= ? ORDER BY created_at DESC, rowid DESC LIMIT ?
      ) WHERE tactic = ? AND sub_technique_id IS ? AND attack_release = ? AND ${sql}`,
  ).all<TagRow>(
    ...[techniqueId, lastSeen, MAX_READ_OF_TECHNIQUE],
    ...[tactic, subTechniqueId ?? null, attackRelease, ...values],
  );
}

function distinct(rows: readonly TagRow[]): readonly Example[] {
  const same = Map.groupBy(rows, ({ rule_id, evidence }) => `${rule_id} ${evidence}`);
  return Array.from(same.values(), (alike) => ({ tag: tagOf(alike[0]!), alike: alike.length }))
    .sort((a, b) =>
      b.tag.confidence - a.tag.confidence || (a.tag.createdAt < b.tag.createdAt ? 1 : -1)
    );
}

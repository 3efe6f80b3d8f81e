import type { Store } from "../store.ts";
import { counted } from "./counted.ts";
import type { TagFilter } from "./tag_filter.ts";

/** Tags that have something in common, summed up. */
export interface Summary {
  /** How many. */
  readonly tags: number;
  /** When the first was observed; UTC, ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Highest confidence among them. */
  readonly bestConfidence: number;
}

/** The tags of one technique under one tactic and release. */
export interface TechniqueSummary extends Summary {
  /** Tactic id. */
  readonly tactic: string;
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  readonly attackRelease: string;
}

/** The tags of one rule. */
export interface RuleSummary extends Summary {
  readonly ruleId: string;
}

const SUMS = `sum(tags) AS tags, min(first_at) AS firstSeen, max(last_at) AS lastSeen,
  max(confidence) AS bestConfidence`;

/** Techniques that were seen, most tags first. */
export function techniqueSummaries(
  store: Store,
  filter: TagFilter = {},
): readonly TechniqueSummary[] {
  type Row = Omit<TechniqueSummary, "subTechniqueId"> & { readonly sub: string };
  const source = counted(filter);
  const rows = store.database.prepare(
    `SELECT tactic, technique_id AS techniqueId, sub_technique_id AS sub,
        attack_release AS attackRelease, ${SUMS}
      FROM (${source.sql}) GROUP BY 1, 2, 3, 4 ORDER BY tags DESC, 2, 3, 1, 4`,
  ).all<Row>(...source.values);
  return rows.map(({ sub, ...row }) => ({ ...row, ...(sub !== "" && { subTechniqueId: sub }) }));
}

/** Rules that matched, most tags first. */
export function ruleSummaries(store: Store, filter: TagFilter = {}): readonly RuleSummary[] {
  const source = counted(filter);
  return store.database.prepare(
    `SELECT rule_id AS ruleId, ${SUMS} FROM (${source.sql})
      GROUP BY rule_id ORDER BY tags DESC, rule_id`,
  ).all<RuleSummary>(...source.values).map((row) => ({ ...row }));
}

/** All tags of a filter summed up; nothing when there are none. */
export function totals(store: Store, filter: TagFilter = {}): Summary | undefined {
  const source = counted(filter);
  const row = store.database.prepare(`SELECT ${SUMS} FROM (${source.sql}) HAVING sum(tags) > 0`)
    .get<Summary>(...source.values);
  return row === undefined ? undefined : { ...row };
}

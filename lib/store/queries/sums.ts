import type { Store } from "../store.ts";
import { counted } from "./counted.ts";
import type { RuleSummary, Summary, TechniqueSummary } from "./summaries.ts";
import type { TagFilter } from "./tag_filter.ts";

/** What `totals`, `techniqueSummaries` and `ruleSummaries` say, read in one go. */
export interface Sums {
  /** Nothing when there are no tags. */
  readonly totals: Summary | undefined;
  /** Most tags first. */
  readonly techniques: readonly TechniqueSummary[];
  /** Most tags first. */
  readonly rules: readonly RuleSummary[];
}

interface Row extends Summary {
  readonly ruleId: string;
  readonly tactic: string;
  readonly techniqueId: string;
  readonly sub: string;
  readonly attackRelease: string;
}

/** All tags of a filter summed up, by technique and by rule too. */
export function sums(store: Store, filter: TagFilter = {}): Sums {
  const source = counted(filter);
  const rows = store.database.prepare(
    `SELECT rule_id AS ruleId, tactic, technique_id AS techniqueId, sub_technique_id AS sub,
        attack_release AS attackRelease, sum(tags) AS tags, min(first_at) AS firstSeen,
        max(last_at) AS lastSeen, max(confidence) AS bestConfidence
      FROM (${source.sql}) GROUP BY 1, 2, 3, 4, 5 ORDER BY 3, 4, 2, 5, 1`,
  ).all<Row>(...source.values);
  const techniques = grouped(
    rows,
    ({ tactic, techniqueId, sub, attackRelease }) => ({
      ...{ tactic, techniqueId, attackRelease },
      ...(sub !== "" && { subTechniqueId: sub }),
    }),
  );
  const rules = grouped(rows, ({ ruleId }) => ({ ruleId }));
  return {
    totals: rows.length === 0 ? undefined : together(rows),
    techniques,
    rules: rules.toSorted((a, b) => b.tags - a.tags || (a.ruleId < b.ruleId ? -1 : 1)),
  };
}

/** Sums of several, such as of one technique in several releases. */
export function together(sums: readonly Summary[]): Summary {
  return {
    tags: sums.reduce((sum, { tags }) => sum + tags, 0),
    firstSeen: sums.reduce((first, { firstSeen }) => firstSeen < first ? firstSeen : first, "~"),
    lastSeen: sums.reduce((last, { lastSeen }) => lastSeen > last ? lastSeen : last, ""),
    bestConfidence: sums.reduce((best, { bestConfidence }) => Math.max(best, bestConfidence), 0),
  };
}

/** Rows of one name as one, most tags first; of equal ones in the order of the rows. */
function grouped<Name extends object>(
  rows: readonly Row[],
  nameOf: (row: Row) => Name,
): readonly (Name & Summary)[] {
  const byName = Map.groupBy(rows, (row) => JSON.stringify(nameOf(row)));
  return Array.from(byName.values(), (some) => ({ ...nameOf(some[0]!), ...together(some) }))
    .sort((a, b) => b.tags - a.tags);
}

import type { Store } from "../store.ts";
import { counted } from "./counted.ts";
import type { TagFilter } from "./tag_filter.ts";

/** The tags of one tactic in one hour or day. */
export interface TacticTime {
  /** Beginning of the hour, `2026-11-20T14`, or day, `2026-11-20`, in UTC. */
  readonly at: string;
  /** Tactic id. */
  readonly tactic: string;
  readonly tags: number;
}

/** Tags over time by tactic, oldest first; what has none is left out. */
export function tacticTimeline(
  store: Store,
  by: "hour" | "day",
  filter: TagFilter = {},
): readonly TacticTime[] {
  const source = counted(filter);
  return store.database.prepare(
    `SELECT substr(first_at, 1, ${by === "hour" ? 13 : 10}) AS at, tactic, sum(tags) AS tags
      FROM (${source.sql}) GROUP BY 1, 2 ORDER BY 1, 2`,
  ).all<TacticTime>(...source.values).map((row) => ({ ...row }));
}

import { KILL_CHAIN_PHASES, type KillChainStage, phaseOf } from "../../attack/kill_chain.ts";
import type { Summary } from "../../store/queries/summaries.ts";
import { tacticTimeline } from "../../store/queries/tactic_timeline.ts";
import type { TagFilter } from "../../store/queries/tag_filter.ts";
import type { Store } from "../../store/store.ts";

/** Tags of a stage of the kill chain, or of tactics that belong to none. */
export type StageSums = Readonly<Record<KillChainStage | "other", number>>;

/** The tags of one stretch of time. */
export interface TimeBar {
  /** Its beginning, UTC, ISO 8601 to the minute. */
  readonly at: string;
  readonly tags: number;
  readonly stages: StageSums;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** So many bars can still be told apart on a telephone. */
const MAX_BARS = 96;

/** Fewer would not look like time. */
const MIN_BARS = 24;

/** Lengths that a bar can stand for, in hours. */
const STEPS = [1, 2, 4, 6, 12, 24, 2 * 24, 7 * 24, 14 * 24, 28 * 24, 91 * 24, 364 * 24];

/** Tags over time in at most some hundred stretches of equal length, those without tags too. */
export function timeBars(store: Store, filter: TagFilter, sum: Summary): readonly TimeBar[] {
  const first = Date.parse(sum.firstSeen);
  const last = Date.parse(sum.lastSeen);
  const hours = STEPS.find((step) => (last - first) / HOUR_MS / step < MAX_BARS - 1) ??
    STEPS.at(-1)!;
  const step = hours * HOUR_MS;
  const by = step < DAY_MS ? "hour" : "day";
  const end = Math.floor(last / step) * step;
  const stretches = Math.round((end - Math.floor(first / step) * step) / step) + 1;
  const count = Math.max(MIN_BARS, Math.min(stretches, MAX_BARS));
  const start = end - (count - 1) * step;
  const bars = Array.from({ length: count }, () => ({ in: 0, through: 0, out: 0, other: 0 }));
  for (const { at, tactic, tags } of tacticTimeline(store, by, filter)) {
    const time = Date.parse(by === "hour" ? `${at}:00Z` : at);
    // A day may begin before the first tag's stretch, and clocks of long ago may be far off.
    const index = Math.max(0, Math.min(count - 1, Math.floor((time - start) / step)));
    const phase = phaseOf(tactic);
    bars[index]![phase === undefined ? "other" : KILL_CHAIN_PHASES[phase]] += tags;
  }
  return bars.map((stages, index) => ({
    at: new Date(start + index * step).toISOString().slice(0, 16),
    tags: stages.in + stages.through + stages.out + stages.other,
    stages,
  }));
}

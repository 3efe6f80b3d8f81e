import type { Store } from "../store.ts";
import type { TagFilter } from "./tag_filter.ts";

/** Rows of `tag` by their ids. */
export interface RowSpan {
  /** The first; 0 when there is no beginning. */
  readonly from: number;
  /** The first that is not part of it; the largest integer when there is no end. */
  readonly to: number;
}

/**
 * The rows of a span of time. Tags are written one after the other, so that the
 * order of the rows is that of their times.
 */
export function rowSpan(
  { database }: Store,
  since: Date | undefined,
  until: Date | undefined,
): RowSpan {
  const rowAt = (time: Date): number | undefined =>
    database.prepare(
      "SELECT id AS row FROM tag_origin WHERE created_at >= ? ORDER BY created_at, id LIMIT 1",
    ).get<{ row: number }>(time.toISOString())?.row;
  const end = Number.MAX_SAFE_INTEGER;
  return {
    from: since === undefined ? 0 : rowAt(since) ?? end,
    to: until === undefined ? end : rowAt(until) ?? end,
  };
}

/** Whether a filter asks for a span of time alone, or for everything. */
export function isOfTime({ since: _since, until: _until, ...others }: TagFilter): boolean {
  return Object.values(others).every((value) => value === undefined);
}

/**
 * Whether an origin is within a span, as SQL that takes its ends as `?1` and `?2`.
 *
 * @param origin expression of SQL
 */
export function isWithin({ from, to }: RowSpan, origin: string): string {
  // Of everything nothing need be compared.
  const isWhole = from === 0 && to === Number.MAX_SAFE_INTEGER;
  return isWhole ? "?1 < ?2" : `${origin} >= ?1 AND ${origin} < ?2`;
}

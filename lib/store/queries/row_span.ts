import type { Store } from "../store.ts";

/** Rows of `ttp_tag`. */
export interface RowSpan {
  /** The first; 0 when there is no beginning. */
  readonly from: number;
  /** The first that is not part of it; the largest integer when there is no end. */
  readonly to: number;
}

/**
 * The rows of a span of time. Tags are written one after the other, so that the
 * order of the rows is that of their times, and every index holds it.
 */
export function rowSpan(
  { database }: Store,
  since: Date | undefined,
  until: Date | undefined,
): RowSpan {
  const rowAt = (time: Date): number | undefined =>
    database.prepare(
      "SELECT rowid AS row FROM ttp_tag WHERE created_at >= ? ORDER BY created_at, rowid LIMIT 1",
    ).get<{ row: number }>(time.toISOString())?.row;
  const end = Number.MAX_SAFE_INTEGER;
  return {
    from: since === undefined ? 0 : rowAt(since) ?? end,
    to: until === undefined ? end : rowAt(until) ?? end,
  };
}

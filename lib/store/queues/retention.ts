/** How much of a table is kept. */
export interface Retention {
  /** Rows; the oldest of more than these go. */
  readonly maxRows: number;
  /** Rows from before this time go. */
  readonly olderThan?: Date;
}

/** A time as the tables hold it; without one, a text that is before every time. */
export function timeOrNever(time: Date | undefined): string {
  return time?.toISOString() ?? "";
}

/** How much of a table is kept. */
export interface Retention {
  /** Rows; the oldest of more than these go. */
  readonly maxRows: number;
  /** Rows from before this time go. */
  readonly olderThan: Date;
}

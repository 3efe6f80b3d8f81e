/** How much of a table is kept. */
export interface Retention {
  /** Rows; the oldest of more than these go. */
  readonly maxRows: number;
  /** Bytes of what the rows hold; the oldest of more than these go. No bound when absent. */
  readonly maxBytes?: number;
  /** Rows from before this time go. */
  readonly olderThan?: Date;
}

/** How much is in a queue. */
export interface QueueSize {
  readonly messages: number;
  /** Of their bodies. */
  readonly bytes: number;
}

/** A bound that nothing reaches. */
export const NO_LIMIT: number = Number.MAX_SAFE_INTEGER;

/** A time as the tables hold it; without one, a text that is before every time. */
export function timeOrNever(time: Date | undefined): string {
  return time?.toISOString() ?? "";
}

import { Counters } from "../../observe/counters.ts";
import type { Suppression } from "../../tagging/tag.ts";
import type { HeldBack } from "../outbox/suppressions.ts";

/** What of one event was left out because it is beyond the limits. */
export interface EventExcess {
  readonly subject: string;
  readonly session: string;
  readonly childrenBeyond: number;
  readonly tagsBeyond: number;
}

/**
 * What a batch did besides writing rows. It is kept apart until the rows are on
 * disk, so that a batch that is undone and tried again counts once.
 */
export class BatchRecord {
  /** Counts of this batch alone. */
  readonly counters = new Counters();
  /** Matches that were not written. */
  readonly suppressed: Suppression[] = [];
  /** Tags that were written and not announced. */
  readonly held: HeldBack[] = [];
  /** Addresses that became known, for whom events may wait. */
  readonly newAddresses: string[] = [];
  /** Events of which something was left out. */
  readonly excesses: EventExcess[] = [];
}

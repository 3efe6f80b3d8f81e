import { getLogger } from "@logtape/logtape";
import type { Counters } from "../observe/counters.ts";
import { MAX_DEAD_LETTERS } from "../store/queues/dead_letters.ts";
import type { Retention as QueueBounds } from "../store/queues/retention.ts";
import type { Store } from "../store/store.ts";

const log = getLogger(["ttp", "worker"]);

const DAY_MS = 86_400_000;

/** Tags that are removed at one poll tick, so that the loop is not held up. */
const RETENTION_CHUNK = 2_000;

/** Days that sums of what was held back are kept. */
const SUPPRESSED_DAYS = 30;

/** Days that the attempts at a message are remembered, and messages that are remembered. */
const ATTEMPT_DAYS = 30;
const MAX_ATTEMPT_ROWS = 10_000;

/** How much is kept, and for how long. */
export interface Retention {
  /** Tags older than so many days are removed; all are kept when absent. */
  readonly tagDays?: number;
  /** Parked events, 50,000 by default. */
  readonly parkedRows?: number;
  /** Hours that a parked event waits, 24 by default. */
  readonly parkedHours?: number;
  /** Announcements that wait for the bus, 100,000 by default. */
  readonly outboxRows?: number;
  /** Bytes of announcements that wait for the bus, 256 MiB by default. */
  readonly outboxBytes?: number;
  /** Days that an announcement waits, 7 by default. */
  readonly outboxDays?: number;
  /** Days that a dead letter is kept, 30 by default. */
  readonly deadLetterDays?: number;
}

/** Parts that housekeeping touches. */
export interface HousekeepingParts {
  readonly store: Store;
  readonly counters: Counters;
  readonly retention: Retention;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** What is done at each poll tick: let go of what is too old, and keep the file small and quick. */
export function keepHouse(parts: HousekeepingParts): void {
  const { store } = parts;
  prune(parts);
  retireTags(parts);
  store.checkpoint();
}

/**
 * How much of the outbox is kept.
 *
 * @param now milliseconds since the epoch
 */
export function outboxBounds(
  { outboxRows = 100_000, outboxBytes = 256 * 1024 * 1024, outboxDays = 7 }: Retention,
  now: number,
): Required<QueueBounds> {
  const olderThan = new Date(now - outboxDays * DAY_MS);
  return { maxRows: outboxRows, maxBytes: outboxBytes, olderThan };
}

function prune({ store, counters, retention, now }: HousekeepingParts): void {
  const count = (name: string, dropped: number, what: string): void => {
    if (dropped === 0) return;
    counters.add(name, "", dropped);
    log.warn("{dropped} {what} dropped: too old or too many", { dropped, what });
  };
  count(
    "parked_expired",
    store.parked.prune({
      maxRows: retention.parkedRows ?? 50_000,
      olderThan: new Date(now() - (retention.parkedHours ?? 24) * DAY_MS / 24),
    }),
    "parked events",
  );
  count(
    "announcements_expired",
    store.outbox.prune(outboxBounds(retention, now())),
    "announcements",
  );
  count(
    "dead_letters_expired",
    store.deadLetters.prune({
      maxRows: MAX_DEAD_LETTERS,
      olderThan: new Date(now() - (retention.deadLetterDays ?? 30) * DAY_MS),
    }),
    "dead letters",
  );
  for (const bound of store.bounds) {
    bound.enforce();
    const dropped = bound.takeDropped();
    if (dropped === 0) continue;
    counters.add("rows_dropped", bound.table, dropped);
    log.warn("{dropped} of the oldest rows of {table} dropped: it has reached its bound", {
      dropped,
      table: bound.table,
    });
  }
  store.sweepDeadLetterFiles(now());
  const olderThan = new Date(now() - ATTEMPT_DAYS * DAY_MS);
  store.deliveryAttempts.prune({ maxRows: MAX_ATTEMPT_ROWS, olderThan });
  store.suppressed.prune(new Date(now() - SUPPRESSED_DAYS * DAY_MS));
}

function retireTags({ store, counters, retention, now }: HousekeepingParts): void {
  if (retention.tagDays === undefined) return;
  const olderThan = new Date(now() - retention.tagDays * DAY_MS);
  counters.add("tags_retired", "", store.tags.prune({ olderThan, limit: RETENTION_CHUNK }));
}

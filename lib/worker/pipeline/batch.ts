import { getLogger } from "@logtape/logtape";
import type { Counters } from "../../observe/counters.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import type { Throttle } from "../../observe/throttle.ts";
import type { Store } from "../../store/store.ts";
import { BatchRecord } from "./batch_record.ts";
import { type EventHandler, subjectLabel } from "./event_handler.ts";
import type { HeldMessage } from "./held_message.ts";
import type { LoneDeliveries } from "./lone_deliveries.ts";
import type { ParkedEvents } from "./parked_events.ts";
import { EventFailed, withoutSavepoint, withSavepoint } from "./savepoint.ts";
import type { Suppressions } from "../outbox/suppressions.ts";

/** A batch is closed after this long, in milliseconds, so that nobody waits for a large one. */
const MAX_BATCH_MS = 20;

/** Parked events that are tried with one batch. */
const MAX_PARKED = 256;

/** The dead-letter table keeps no more of a message than this. */
const MAX_EXCERPT_BYTES = 4096;

const log = getLogger(["ttp", "worker"]);

/** Why a message can never be processed; nothing for one that was. */
export type Verdict = string | undefined;

/** Parts that a batch works with. */
export interface BatchParts {
  readonly store: Store;
  readonly handler: EventHandler;
  readonly parked: ParkedEvents;
  readonly suppressions: Suppressions;
  readonly lone: LoneDeliveries;
  readonly counters: Counters;
  /** Limits log lines about poison messages. */
  readonly poisonThrottle: Throttle;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly telemetry?: Telemetry | undefined;
  /** Clock that is never set, in milliseconds. */
  readonly monotonic: () => number;
}

/**
 * Processes messages in one transaction and says what became of each. One
 * message's failure is its own: it is undone alone, kept as a dead letter, and
 * the rest goes on. A failure of the database undoes the whole batch.
 *
 * @param messages one that must be alone is a batch of its own, and has been prepared before
 * @returns one verdict for each of the first messages; the batch may close before the last of them
 * @throws {StoreError} when the database failed; nothing of the batch is written and all of it can be tried again
 */
export function processBatch(
  parts: BatchParts,
  messages: readonly HeldMessage[],
): readonly Verdict[] {
  try {
    return processAll(parts, messages, withoutSavepoint);
  } catch (error) {
    // Hardly ever: then each message is done so that it can be undone alone.
    if (error instanceof EventFailed) return processAll(parts, messages, withSavepoint);
    throw error;
  }
}

/** Does one message's work; says why it failed when that is its own and has been undone. */
type Guard = (store: Store, work: () => void) => string | undefined;

function processAll(
  parts: BatchParts,
  messages: readonly HeldMessage[],
  guard: Guard,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const record = new BatchRecord();
  const { monotonic } = parts;
  let closeAt = monotonic() + MAX_BATCH_MS;
  const isOver = (): boolean => monotonic() >= closeAt;
  parts.store.transaction(() => {
    for (const held of messages) {
      if (held.isAlone && verdicts.length > 0) break;
      verdicts.push(processOne(parts, held, record, guard));
      // What was set aside stays known, in case it comes again before the server hears of it.
      if (held.begunAs !== undefined && held.file === undefined) parts.lone.end(held.begunAs);
      if (held.isAlone || isOver()) break;
    }
    for (const ip of record.newAddresses) parts.parked.release(ip);
    if (messages[0]?.isAlone) return;
    // A flood of messages must not leave the parked events without a turn.
    closeAt = monotonic() + MAX_BATCH_MS;
    parts.parked.process(MAX_PARKED, record, isOver);
  });
  parts.parked.committed();
  committed(parts, record);
  return verdicts;
}

/** What may be told only once the rows are on disk. */
function committed({ counters, suppressions, telemetry }: BatchParts, record: BatchRecord): void {
  counters.merge(record.counters);
  telemetry?.committed(
    record.counters.byLabel("tags"),
    record.counters.byLabel("suppressed"),
  );
  for (const suppression of record.suppressed) suppressions.add(suppression);
  for (const tag of record.held) suppressions.hold(tag);
  for (const { subject, session, childrenBeyond, tagsBeyond } of record.excesses) {
    log.warn(
      "session {session} on {subject} is beyond the limits of one event: " +
        "{children} children and {tags} tags were left out",
      { subject, session: session.slice(0, 128), children: childrenBeyond, tags: tagsBeyond },
    );
  }
}

function processOne(
  parts: BatchParts,
  held: HeldMessage,
  record: BatchRecord,
  guard: Guard,
): Verdict {
  const { subject, data } = held.message;
  const { tagging } = held;
  let failure: Verdict = held.failure;
  let id: string | undefined;
  if (failure !== undefined) {
    // What was set aside must not be decoded again: that may be what ends the process.
  } else if (held.decoded.ok) {
    const { envelope } = held.decoded;
    id = envelope.id;
    if (envelope.futureVersion) record.counters.add("future_version", subjectLabel(subject));
    failure = guard(
      parts.store,
      () => parts.handler.handle(subject, envelope, data, record, tagging),
    );
  } else {
    failure = held.decoded.reason;
  }
  if (failure === undefined) return undefined;
  record.counters.add("dead_lettered", subjectLabel(subject));
  if (held.file !== undefined) parts.store.deadLetters.removeFile(held.file);
  parts.store.deadLetters.add({
    topic: subject,
    reason: failure,
    excerpt: new TextDecoder().decode(data.subarray(0, MAX_EXCERPT_BYTES)),
    ...(held.file !== undefined && { file: held.file }),
    at: new Date(parts.now()),
  });
  const throttled = parts.poisonThrottle.pass(subjectLabel(subject));
  if (throttled !== undefined) {
    log.warn("message on {subject} cannot be processed: {reason}; it is kept as a dead letter", {
      subject,
      reason: failure,
      ...(id !== undefined && { id }),
      ...(throttled > 0 && { more_of_them_since: throttled }),
    });
  }
  return failure;
}

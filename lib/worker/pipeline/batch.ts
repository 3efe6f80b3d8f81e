import { getLogger } from "@logtape/logtape";
import type { BusMessage } from "../../bus/bus.ts";
import { decodeEnvelope } from "../../bus/envelope.ts";
import type { Counters } from "../../observe/counters.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import type { Throttle } from "../../observe/throttle.ts";
import type { Store } from "../../store/store.ts";
import { BatchRecord } from "./batch_record.ts";
import { type EventHandler, subjectLabel } from "./event_handler.ts";
import { attempt, isolate, PieceFailed } from "./isolate.ts";
import type { ParkedEvents } from "./parked_events.ts";
import type { Suppressions } from "../outbox/suppressions.ts";

/** A batch is closed after this long, in milliseconds, so that nobody waits for a large one. */
const MAX_BATCH_MS = 20;

/** Parked events that are tried with one batch. */
const MAX_PARKED = 256;

const log = getLogger(["ttp", "worker"]);

/** Why a message can never be worked off; nothing for one that was. */
export type Verdict = string | undefined;

/** Parts that a batch works with. */
export interface BatchParts {
  readonly store: Store;
  readonly handler: EventHandler;
  readonly parked: ParkedEvents;
  readonly suppressions: Suppressions;
  readonly counters: Counters;
  /** Limits log lines about poison messages. */
  readonly poisonThrottle: Throttle;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly telemetry?: Telemetry | undefined;
}

/**
 * Works off messages in one transaction and says what became of each. One
 * message's failure is its own: it is undone alone, kept as a dead letter, and
 * the rest goes on. A failure of the database undoes the whole batch.
 *
 * @returns one verdict for each of the first messages; the batch may close before the last of them
 * @throws {StoreError} when the database failed; nothing of the batch is written and all of it can be tried again
 */
export function workOff(parts: BatchParts, messages: readonly BusMessage[]): readonly Verdict[] {
  try {
    return workOffAll(parts, messages, attempt);
  } catch (error) {
    // Hardly ever: then each message is done so that it can be undone alone.
    if (error instanceof PieceFailed) return workOffAll(parts, messages, isolate);
    throw error;
  }
}

/** Does one message's work; says why it failed when that is its own and has been undone. */
type Guard = (store: Store, work: () => void) => string | undefined;

function workOffAll(
  parts: BatchParts,
  messages: readonly BusMessage[],
  guard: Guard,
): readonly Verdict[] {
  const verdicts: Verdict[] = [];
  const record = new BatchRecord();
  const closeAt = performance.now() + MAX_BATCH_MS;
  parts.store.transaction(() => {
    for (const message of messages) {
      verdicts.push(workOffOne(parts, message, record, guard));
      if (performance.now() >= closeAt) break;
    }
    for (const ip of record.newAddresses) parts.parked.release(ip);
    parts.parked.workOff(MAX_PARKED, record);
  });
  const { counters } = record;
  parts.counters.merge(counters);
  parts.telemetry?.committed(counters.byLabel("tags"), counters.byLabel("suppressed"));
  for (const suppression of record.suppressed) parts.suppressions.add(suppression);
  for (const tag of record.held) parts.suppressions.hold(tag);
  return verdicts;
}

function workOffOne(
  parts: BatchParts,
  message: BusMessage,
  record: BatchRecord,
  guard: Guard,
): Verdict {
  const { subject, data } = message;
  const decoded = decodeEnvelope(data);
  let failure: Verdict;
  if (decoded.ok) {
    const { envelope } = decoded;
    if (envelope.futureVersion) record.counters.add("future_version", subjectLabel(subject));
    failure = guard(parts.store, () => parts.handler.handle(subject, envelope, data, record));
  } else {
    failure = decoded.reason;
  }
  if (failure === undefined) return undefined;
  record.counters.add("dead_lettered", subjectLabel(subject));
  parts.store.deadLetters.add({
    topic: subject,
    reason: failure,
    excerpt: new TextDecoder().decode(data.subarray(0, MAX_EXCERPT_BYTES)),
    at: new Date(parts.now()),
  });
  const held = parts.poisonThrottle.pass(subjectLabel(subject));
  if (held !== undefined) {
    log.warn("message on {subject} cannot be worked off: {reason}; it is kept as a dead letter", {
      subject,
      reason: failure,
      ...(decoded.ok && decoded.envelope.id !== undefined && { id: decoded.envelope.id }),
      ...(held > 0 && { more_of_them_since: held }),
    });
  }
  return failure;
}

/** The dead-letter table keeps no more of a message than this. */
const MAX_EXCERPT_BYTES = 4096;

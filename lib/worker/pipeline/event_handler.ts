import { getLogger } from "@logtape/logtape";
import type { Envelope } from "../../bus/envelope.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import type { Store } from "../../store/store.ts";
import type { CompositeTagger } from "../../tagging/composite.ts";
import type { TaggerEvent } from "../../tagging/event.ts";
import type { Tag } from "../../tagging/tag.ts";
import type { AnnouncementLimit } from "../outbox/announcement_limit.ts";
import { announcementsOf } from "../outbox/announcements.ts";
import { attackerAddress } from "../../tagging/attacker_address.ts";
import type { Attributor, KnownAttribution } from "./attribution.ts";
import type { BatchRecord } from "./batch_record.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { eventParts, listedEntries, sourceKindOf } from "../../tagging/payload_events.ts";
import { DEFAULT_EVENT_LIMITS, type EventLimits, EventTagging } from "./event_tagging.ts";

const log = getLogger(["ttp", "worker"]);

/** Names that come from outside are remembered only so far. */
const MAX_NOTED = 1000;

/** A message of more bytes, or with more listed things, is tagged in slices of time. */
export const MAX_SMALL_BYTES = 64 * 1024;
const MAX_SMALL_ENTRIES = 200;

/** Parts that handling an event touches. */
export interface HandlerParts {
  readonly store: Store;
  readonly tagger: CompositeTagger;
  readonly attributor: Attributor;
  /** Takes announcements; a replay that announces nothing has one that drops them. */
  readonly outbox: Pick<Outbox, "add">;
  readonly limit: AnnouncementLimit;
  /** How much one event may cause, asked for each event; the defaults when absent. */
  readonly eventLimits?: () => EventLimits | undefined;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly telemetry?: Telemetry | undefined;
}

/**
 * Whether the tagging of an event may take long, so that it must be done in slices.
 *
 * @param bytes size of the message
 */
export function isLargeEvent(subject: string, { payload }: Envelope, bytes: number): boolean {
  return bytes > MAX_SMALL_BYTES || listedEntries(subject, payload) > MAX_SMALL_ENTRIES;
}

/**
 * Takes one bus event from its envelope to rows: learns what it says about
 * attackers, finds whom its tags belong to, or parks it, tags it, and writes the
 * tags with their announcements. Runs inside the caller's transaction.
 */
export class EventHandler {
  readonly #parts: HandlerParts;
  readonly #unknownSubjects = new Set<string>();
  readonly #unclaimedKinds = new Set<string>();

  /** @param parts what it works with */
  constructor(parts: HandlerParts) {
    this.#parts = parts;
  }

  /**
   * Handles one event.
   *
   * @param subject subject that it arrived on, without prefix
   * @param body the message as it came, kept when the event must be parked
   * @param record takes what happened besides the rows
   * @param tagging of this event, where it was tagged before the transaction
   */
  handle(
    subject: string,
    envelope: Envelope,
    body: Uint8Array,
    record: BatchRecord,
    tagging?: EventTagging,
  ): void {
    const { store, attributor } = this.#parts;
    const { payload, type } = envelope;
    const at = new Date(this.#parts.now());
    const newAddress = attributor.learnAddress(payload, at);
    if (newAddress !== undefined) record.newAddresses.push(newAddress);
    record.counters.add("events", subjectLabel(subject));
    if (sourceKindOf(subject, type) === undefined) {
      this.#noteUnknown(subject, type, record);
      return;
    }
    const attribution = attributor.attribute(payload, at);
    if (attribution === undefined) {
      record.counters.add("no_anchor", subjectLabel(subject));
      log.debug("event on {subject} names no attacker and no address; dropped", { subject });
    } else if (attribution.known) {
      this.apply(subject, envelope, attribution, record, tagging);
    } else {
      const text = new TextDecoder().decode(body);
      store.parked.add({ topic: subject, envelope: text, ip: attribution.ip, at });
      record.counters.add("parked", subjectLabel(subject));
    }
  }

  /**
   * Begins the tagging of an event ahead of the transaction that its tags are written in.
   *
   * @param subject subject that it arrived on, without prefix
   * @returns nothing for an event that gives no tags, or that nobody knows yet whom its tags belong to
   * @throws {StoreError} when the database failed
   */
  beginTagging(subject: string, envelope: Envelope): EventTagging | undefined {
    if (sourceKindOf(subject, envelope.type) === undefined) return undefined;
    const at = new Date(this.#parts.now());
    const attribution = this.#parts.attributor.attribute(envelope.payload, at);
    if (attribution === undefined || !attribution.known) return undefined;
    return this.#taggingOf(subject, envelope, attribution, at);
  }

  /**
   * Writes the tags of an event of which it is known whom they belong to.
   *
   * @param attribution whom they belong to
   * @param record takes what happened besides the rows
   * @param tagging of this event, where it was tagged before the transaction
   */
  apply(
    subject: string,
    envelope: Envelope,
    attribution: KnownAttribution,
    record: BatchRecord,
    tagging?: EventTagging,
  ): void {
    const { store, attributor } = this.#parts;
    const at = new Date(this.#parts.now());
    const happenedAt = timeOf(envelope.ts, at);
    attributor.learnFacts(subject, attribution.payload, happenedAt);
    const tagged = tagging ?? this.#taggingOf(subject, envelope, attribution, at);
    if (tagged === undefined) return;
    tagged.advance(() => false);
    this.#noteUnclaimed(tagged.unclaimedKinds);
    for (const [reason, count] of tagged.suppressedByReason) {
      record.counters.add("suppressed", reason, count);
    }
    // One at a time: a call with tens of thousands of arguments overflows the stack.
    for (const suppression of tagged.suppressed) record.suppressed.push(suppression);
    if (tagged.implausibleTimes > 0) {
      record.counters.add("implausible_times", subjectLabel(subject), tagged.implausibleTimes);
    }
    if (tagged.tags.length > 0) this.#write(tagged.tags, at, record);
    for (const bump of tagged.bumps) record.counters.add("bumped", "", store.tags.bump(bump));
    this.#noteExcess(subject, tagged, record);
  }

  /**
   * A session is caught up with the verdict that was known when it ended, not with
   * one that came later: so a replay of both gives what the first time gave.
   */
  #taggingOf(
    subject: string,
    { type, ts }: Envelope,
    { payload, identityUuid }: KnownAttribution,
    at: Date,
  ): EventTagging | undefined {
    const { tagger, store, eventLimits } = this.#parts;
    const limits = eventLimits?.() ?? DEFAULT_EVENT_LIMITS;
    const { maxChildren } = limits;
    const parts = eventParts(subject, type, payload, {
      maxChildren,
      identityUuid,
      attackerIp: attackerAddress(payload),
      arrival: { ts, nowMs: at.getTime() },
    });
    if (parts === undefined) return undefined;
    const { base } = parts;
    const further: TaggerEvent[] = [];
    if (subject === "attacker.session.ended" && base.attackerUuid !== undefined) {
      const intel = store.intel.get(base.attackerUuid, timeOf(ts, at));
      if (intel !== undefined) {
        further.push({
          ...base,
          sourceKind: "intel",
          sourceId: `intel-catchup:${base.sessionId ?? base.attackerUuid}`,
          payload: intel,
        });
      }
    }
    return new EventTagging(tagger, parts, limits, further);
  }

  #write(tags: readonly Tag[], at: Date, record: BatchRecord): void {
    const { store, outbox, limit, telemetry } = this.#parts;
    const inserted = telemetry === undefined
      ? store.tags.insert(tags, at)
      : telemetry.wrote(tags, () => store.tags.insert(tags, at));
    if (inserted.length === 0) return;
    for (const { ruleId } of inserted) record.counters.add("tags", ruleId);
    const { announced, held } = limit.part(inserted, at.getTime());
    outbox.add(announcementsOf(announced), at);
    for (const tag of held) {
      record.counters.add("suppressed", "rate_limited");
      record.held.push(tag);
    }
  }

  /** What is beyond the limits is never left out in silence. */
  #noteExcess(subject: string, tagged: EventTagging, record: BatchRecord): void {
    const { childrenBeyond, tagsBeyond } = tagged;
    if (childrenBeyond === 0 && tagsBeyond === 0) return;
    record.counters.add("children_beyond_limit", subjectLabel(subject), childrenBeyond);
    record.counters.add("tags_beyond_limit", subjectLabel(subject), tagsBeyond);
    record.excesses.push({ subject, session: tagged.sessionId, childrenBeyond, tagsBeyond });
  }

  #noteUnknown(subject: string, type: string | undefined, record: BatchRecord): void {
    record.counters.add("ignored", subjectLabel(subject));
    const known = this.#unknownSubjects;
    const name = subject === "attacker.fingerprinted" ? `${subject} ${type}` : subject;
    if (subject.startsWith("canary.") || known.has(name) || known.size >= MAX_NOTED) return;
    known.add(name);
    log.info("no source kind for events on {subject} of type {type}; ignored", { subject, type });
  }

  #noteUnclaimed(kinds: ReadonlySet<string>): void {
    for (const sourceKind of kinds) {
      if (this.#unclaimedKinds.has(sourceKind)) continue;
      this.#unclaimedKinds.add(sourceKind);
      log.warn("no rule applies to events of kind {sourceKind}", { sourceKind });
    }
  }
}

/** When an event happened, as its producer says, unless that is no time or one to come. */
function timeOf(ts: number | undefined, now: Date): Date {
  return ts === undefined || !(ts > 0) || ts * 1000 > now.getTime() ? now : new Date(ts * 1000);
}

/** The name under which a subject is counted; the tokens of canaries are too many to tell apart. */
export function subjectLabel(subject: string): string {
  return subject.startsWith("canary.") ? "canary.>" : subject;
}

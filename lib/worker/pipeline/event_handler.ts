import { getLogger } from "@logtape/logtape";
import type { Envelope } from "../../bus/envelope.ts";
import type { Telemetry } from "../../observe/telemetry.ts";
import type { Store } from "../../store/store.ts";
import type { CompositeTagger } from "../../tagging/composite.ts";
import type { TaggerEvent } from "../../tagging/event.ts";
import type { Bump, Tag } from "../../tagging/tag.ts";
import type { AnnouncementLimit } from "../outbox/announcement_limit.ts";
import { announcementsOf } from "../outbox/announcements.ts";
import type { Attributor, KnownAttribution } from "./attribution.ts";
import type { BatchRecord } from "./batch_record.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { sourceKindOf, taggerEvents } from "../../tagging/payload_events.ts";

const log = getLogger(["ttp", "worker"]);

/** Names that come from outside are remembered only so far. */
const MAX_NOTED = 1000;

/** Parts that handling an event touches. */
export interface HandlerParts {
  readonly store: Store;
  readonly tagger: CompositeTagger;
  readonly attributor: Attributor;
  /** Takes announcements; a replay that announces nothing has one that drops them. */
  readonly outbox: Pick<Outbox, "add">;
  readonly limit: AnnouncementLimit;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  readonly telemetry?: Telemetry | undefined;
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
   * Works off one event.
   *
   * @param subject subject that it arrived on, without prefix
   * @param body the message as it came, kept when the event must be parked
   * @param record takes what happened besides the rows
   */
  handle(subject: string, envelope: Envelope, body: Uint8Array, record: BatchRecord): void {
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
      this.apply(subject, envelope, attribution, record);
    } else {
      const text = new TextDecoder().decode(body);
      store.parked.add({ topic: subject, envelope: text, ip: attribution.ip, at });
      record.counters.add("parked", subjectLabel(subject));
    }
  }

  /**
   * Tags an event of which it is known whom its tags belong to.
   *
   * @param attribution whom they belong to
   * @param record takes what happened besides the rows
   */
  apply(
    subject: string,
    envelope: Envelope,
    attribution: KnownAttribution,
    record: BatchRecord,
  ): void {
    const { store, tagger, attributor } = this.#parts;
    const at = new Date(this.#parts.now());
    const happenedAt = timeOf(envelope, at);
    attributor.learnFacts(subject, attribution.payload, happenedAt);
    const tags: Tag[] = [];
    const bumps: Bump[] = [];
    for (const event of this.#taggerEvents(subject, envelope.type, attribution, happenedAt)) {
      this.#noteUnclaimed(event);
      const tagging = tagger.tag(event);
      if (tagging.tags.length > 0) tags.push(...tagging.tags);
      if (tagging.bumps.length > 0) bumps.push(...tagging.bumps);
      for (const suppression of tagging.suppressed) {
        record.counters.add("suppressed", suppression.reason);
        record.suppressed.push(suppression);
      }
    }
    if (tags.length > 0) this.#write(tags, at, record);
    for (const bump of bumps) record.counters.add("bumped", "", store.tags.bump(bump));
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

  /**
   * A session is caught up with the verdict that was known when it ended, not with
   * one that came later: so a replay of both gives what the first time gave.
   */
  #taggerEvents(
    subject: string,
    type: string | undefined,
    { payload, identityUuid }: KnownAttribution,
    happenedAt: Date,
  ): readonly TaggerEvent[] {
    const events = withIdentity(taggerEvents(subject, type, payload), identityUuid);
    const base = events[0];
    if (subject !== "attacker.session.ended" || base?.attackerUuid === undefined) return events;
    const intel = this.#parts.store.intel.get(base.attackerUuid, happenedAt);
    if (intel === undefined) return events;
    return [...events, {
      ...base,
      sourceKind: "intel",
      sourceId: `intel-catchup:${base.sessionId ?? base.attackerUuid}`,
      payload: intel,
    }];
  }

  #noteUnknown(subject: string, type: string | undefined, record: BatchRecord): void {
    record.counters.add("ignored", subjectLabel(subject));
    const known = this.#unknownSubjects;
    const name = subject === "attacker.fingerprinted" ? `${subject} ${type}` : subject;
    if (subject.startsWith("canary.") || known.has(name) || known.size >= MAX_NOTED) return;
    known.add(name);
    log.info("no source kind for events on {subject} of type {type}; ignored", { subject, type });
  }

  #noteUnclaimed(event: TaggerEvent): void {
    const { sourceKind } = event;
    if (this.#parts.tagger.claimedKinds.has(sourceKind) || this.#unclaimedKinds.has(sourceKind)) {
      return;
    }
    this.#unclaimedKinds.add(sourceKind);
    log.warn("no rule applies to events of kind {sourceKind}", { sourceKind });
  }
}

function withIdentity(
  events: readonly TaggerEvent[],
  identityUuid: string | undefined,
): readonly TaggerEvent[] {
  return identityUuid === undefined ? events : events.map((event) => ({ identityUuid, ...event }));
}

/** When an event happened, as its producer says, unless that is no time or one to come. */
function timeOf({ ts }: Envelope, now: Date): Date {
  return ts === undefined || !(ts > 0) || ts * 1000 > now.getTime() ? now : new Date(ts * 1000);
}

/** The name under which a subject is counted; the tokens of canaries are too many to tell apart. */
export function subjectLabel(subject: string): string {
  return subject.startsWith("canary.") ? "canary.>" : subject;
}

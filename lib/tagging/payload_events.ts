import type { SourceKind } from "../rules/source_kind.ts";
import type { Payload, TaggerEvent } from "./event.ts";
import { attackerAddress } from "./attacker_address.ts";
import { inheritedFields, withInherited } from "./inherited_fields.ts";
import { type Arrival, ObservedTimes } from "./observed_at.ts";
import { idField, isObject, listField, textField } from "./payload.ts";
import { authAggregates } from "./auth_aggregates.ts";

/** The kind of event that a subject carries, where the subject alone decides it. */
const KIND_BY_SUBJECT: Readonly<Record<string, SourceKind>> = {
  "attacker.session.ended": "session",
  "attacker.observed": "session",
  "attacker.intel.enriched": "intel",
  "identity.formed": "identity",
  "identity.merged": "identity",
  "credential.reuse.detected": "credential",
  "email.received": "email",
};

/** The kinds that `attacker.fingerprinted` carries, by the name in the envelope's `type`. */
const FINGERPRINT_KINDS: readonly SourceKind[] = [
  "ipv6_leak",
  "http_fingerprint",
  "jarm",
  "hassh",
];

const CANARY_TRIGGER_REGEXP = /^canary\.[^.]+\.triggered$/;

/** In the order of preference: the most specific id comes first. */
const SOURCE_ID_FIELDS = [
  "source_id",
  "session_id",
  "trigger_id",
  "token_id",
  "identity_uuid",
  "credential_id",
  "id",
  "attacker_uuid",
  "uuid",
];

/** Sessions that list what happened in them. */
const SESSION_SUBJECTS: ReadonlySet<string> = new Set([
  "attacker.session.ended",
  "attacker.observed",
]);

/**
 * Names the kind of tagger event that a message becomes.
 *
 * @param subject subject that the message arrived on, without prefix
 * @param type `type` of the envelope, which decides for `attacker.fingerprinted`
 * @returns nothing when no kind is known for it, e.g. for `canary.<token>.placed`
 */
export function sourceKindOf(subject: string, type: string | undefined): SourceKind | undefined {
  if (Object.hasOwn(KIND_BY_SUBJECT, subject)) return KIND_BY_SUBJECT[subject];
  if (CANARY_TRIGGER_REGEXP.test(subject)) return "canary_fingerprint";
  if (subject === "attacker.fingerprinted" && type !== undefined) {
    // Producers say either the bare name or the whole topic in `type`.
    const name = type.slice(type.lastIndexOf(".") + 1);
    return FINGERPRINT_KINDS.find((kind) => kind === name);
  }
  return undefined;
}

/**
 * Makes the tagger events of one bus event. A session gives itself, then its
 * commands, requests, attempts and payloads, each with the session's anchors,
 * then the aggregates over its attempts.
 *
 * @param subject subject that the message arrived on, without prefix
 * @param type `type` of the envelope
 * @param payload the message's payload, of which nothing is trusted
 * @returns in the order given, nothing for a subject without a source kind
 *
 * @example A session with one command
 * ```ts
 * import { taggerEvents } from "@decnet/ttp";
 *
 * const events = taggerEvents("attacker.session.ended", "session.ended", {
 *   session_id: "s1",
 *   attacker_uuid: "a1",
 *   commands: ["uname -a"],
 * });
 * console.log(events.map((event) => event.sourceId)); // ["s1", "s1#cmd0"]
 * ```
 */
export function taggerEvents(
  subject: string,
  type: string | undefined,
  payload: Payload,
): readonly TaggerEvent[] {
  const parts = eventParts(subject, type, payload);
  return parts === undefined ? [] : [parts.base, ...parts.children];
}

/** A bus event in parts: what it is as a whole, and one child for each thing that it lists. */
export interface EventParts {
  readonly base: TaggerEvent;
  /** Made one at a time, so that an event with very many does not hold them all; iterated once. */
  readonly children: Iterable<TaggerEvent>;
  /** Entries of its lists that no child is made of, because they are beyond the limit. */
  readonly beyondLimit: number;
  /** When its parts happened, where it is known when it arrived. */
  readonly times?: ObservedTimes | undefined;
}

/** How an event is split. */
export interface SplitOptions {
  /**
   * Children that are made at most. Where the lists have more entries, each list gets an equal
   * share, and what one does not need goes to the others, so that no list hides another.
   */
  readonly maxChildren?: number;
  /** Identity of the attacker, where the payload names none. */
  readonly identityUuid?: string | undefined;
  /** `ts` of the envelope; names an event that has no id of its own. */
  readonly ts?: number | undefined;
  /** Address of the attacker, where the event has one. */
  readonly attackerIp?: string | undefined;
  /** When it arrived; parts do not say when they happened where this is absent. */
  readonly arrival?: Arrival;
}

/**
 * Splits a bus event into its tagger events, in the order of {@linkcode taggerEvents}.
 *
 * @returns nothing for a subject without a source kind
 */
export function eventParts(
  subject: string,
  type: string | undefined,
  payload: Payload,
  { maxChildren = Infinity, identityUuid, ts, attackerIp, arrival }: SplitOptions = {},
): EventParts | undefined {
  const sourceKind = sourceKindOf(subject, type);
  if (sourceKind === undefined) return undefined;
  const times = arrival === undefined ? undefined : new ObservedTimes(payload, arrival);
  const base: TaggerEvent = {
    sourceKind,
    sourceId: sourceIdOf(payload, subject, sourceKind, ts),
    ...(identityUuid !== undefined && { identityUuid }),
    ...(attackerIp !== undefined && { attackerIp }),
    ...anchorsOf(payload),
    ...(times !== undefined && { observedAt: times.of(payload) }),
    payload,
  };
  if (!SESSION_SUBJECTS.has(subject)) return { base, children: [], beyondLimit: 0, times };
  const aggregates = authAggregates(base, maxChildren);
  const lengths = LISTS.map(({ name }) => listField(payload, name).length);
  lengths.push(aggregates.length);
  const shares = equalShares(lengths, maxChildren);
  return {
    base,
    children: sessionChildren(base, aggregates, shares, times),
    beyondLimit: sum(lengths) - sum(shares),
    times,
  };
}

/**
 * Entries in the lists that a session's children are made of.
 *
 * @param subject subject that the message arrived on, without prefix
 */
export function listedEntries(subject: string, payload: Payload): number {
  if (!SESSION_SUBJECTS.has(subject)) return 0;
  return sum(LISTS.map(({ name }) => listField(payload, name).length));
}

/** The id that the producer gave, else one of what tells the event from others; the same at each replay. */
function sourceIdOf(
  payload: Payload,
  subject: string,
  sourceKind: SourceKind,
  ts: number | undefined,
): string {
  for (const field of SOURCE_ID_FIELDS) {
    const id = idField(payload, field);
    if (id !== undefined) return id;
  }
  const address = attackerAddress(payload);
  if (address === undefined) return subject;
  const hash = idField(payload, sourceKind);
  return hash !== undefined
    ? `${address}:${idField(payload, "port") ?? ""}:${hash}`
    : `${subject}:${address}:${ts ?? ""}`;
}

/** Ids that no other session gives to something else: uuids, long texts, and the ids of the central system. */
const UNIQUE_ID_REGEXP = /^cmd_|^.{16}/su;

/** A child's own id; one that only counts within its session is told apart by the session's. */
function childId(own: Payload, parent: string, suffix: string, index: number): string {
  const id = idField(own, "id") ?? idField(own, "uuid") ?? idField(own, "command_id");
  if (id === undefined) return `${parent}#${suffix}${index}`;
  return UNIQUE_ID_REGEXP.test(id) || id.startsWith(parent) ? id : `${parent}#${suffix}:${id}`;
}

function anchorsOf(payload: Payload): Partial<TaggerEvent> {
  const attackerUuid = idField(payload, "attacker_uuid");
  const identityUuid = idField(payload, "identity_uuid");
  const sessionId = idField(payload, "session_id");
  const deckyId = idField(payload, "decky_id");
  return {
    ...(attackerUuid !== undefined && { attackerUuid }),
    ...(identityUuid !== undefined && { identityUuid }),
    ...(sessionId !== undefined && { sessionId }),
    ...(deckyId !== undefined && { deckyId }),
  };
}

/** Makes the payload of a child out of one entry of a list, or nothing. */
type EntryReader = (entry: unknown) => Payload | undefined;

/** A field of a session that lists what happened in it. */
interface ChildList {
  readonly name: string;
  readonly sourceKind: SourceKind;
  /** Names a child that has no id of its own, together with its index. */
  readonly suffix: string;
  readonly read: EntryReader;
}

const LISTS: readonly ChildList[] = [
  { name: "commands", sourceKind: "command", suffix: "cmd", read: commandPayload },
  { name: "http_requests", sourceKind: "http_request", suffix: "http", read: objectPayload },
  { name: "auth_attempts", sourceKind: "auth_attempt", suffix: "auth", read: objectPayload },
  { name: "payloads", sourceKind: "payload", suffix: "payload", read: objectPayload },
];

/** @param shares entries that are taken of each list, and of the aggregates at last */
function* sessionChildren(
  base: TaggerEvent,
  aggregates: readonly TaggerEvent[],
  shares: readonly number[],
  times: ObservedTimes | undefined,
): Generator<TaggerEvent> {
  const inherited = inheritedFields(base.payload);
  // Who has logged in before tells nothing of a name that an attempt does not have.
  const { username: _, ...ofAttempts } = inherited;
  for (const [place, { name, sourceKind, suffix, read }] of LISTS.entries()) {
    const ofSession = sourceKind === "auth_attempt" ? ofAttempts : inherited;
    const entries = listField(base.payload, name);
    const share = shares[place]!;
    for (let index = 0; index < share; index++) {
      const own = read(entries[index]);
      if (own === undefined) continue;
      const sourceId = childId(own, base.sourceId, suffix, index);
      const event = { ...base, sourceKind, sourceId, payload: withInherited(own, ofSession) };
      yield times === undefined ? event : { ...event, observedAt: times.of(own) };
    }
  }
  for (const aggregate of aggregates.slice(0, shares[LISTS.length])) {
    yield { ...aggregate, payload: withInherited(aggregate.payload, ofAttempts) };
  }
}

/** Divides a limit among lists: the shortest are served first, and what they leave goes to the longer ones. */
function equalShares(lengths: readonly number[], limit: number): readonly number[] {
  if (sum(lengths) <= limit) return lengths;
  const shares = lengths.map(() => 0);
  const shortestFirst = Array.from(lengths.keys()).sort((a, b) => lengths[a]! - lengths[b]!);
  let left = limit;
  for (const [served, place] of shortestFirst.entries()) {
    shares[place] = Math.min(lengths[place]!, Math.floor(left / (lengths.length - served)));
    left -= shares[place]!;
  }
  return shares;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function commandPayload(entry: unknown): Payload | undefined {
  if (typeof entry === "string") return { command_text: entry };
  if (!isObject(entry)) return undefined;
  const text = textField(entry, "command_text") ?? textField(entry, "text");
  return text === undefined ? undefined : { ...entry, command_text: text };
}

function objectPayload(entry: unknown): Payload | undefined {
  return isObject(entry) ? entry : undefined;
}

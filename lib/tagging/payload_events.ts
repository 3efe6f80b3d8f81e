import type { SourceKind } from "../rules/source_kind.ts";
import type { Payload, TaggerEvent } from "./event.ts";
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
  "token_id",
  "identity_uuid",
  "credential_id",
  "attacker_uuid",
  "uuid",
];

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
  const sourceKind = sourceKindOf(subject, type);
  if (sourceKind === undefined) return [];
  const base: TaggerEvent = {
    sourceKind,
    sourceId: sourceIdOf(payload, subject),
    ...anchorsOf(payload),
    payload,
  };
  if (subject !== "attacker.session.ended") return [base];
  return [
    base,
    ...children(base, "commands", "command", "cmd", commandPayload),
    ...children(base, "http_requests", "http_request", "http", objectPayload),
    ...children(base, "auth_attempts", "auth_attempt", "auth", attemptPayloadOf(payload)),
    ...children(base, "payloads", "payload", "payload", objectPayload),
    ...authAggregates(base),
  ];
}

function sourceIdOf(payload: Payload, subject: string): string {
  for (const field of SOURCE_ID_FIELDS) {
    const id = idField(payload, field);
    if (id !== undefined) return id;
  }
  return subject;
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

function children(
  base: TaggerEvent,
  listName: string,
  sourceKind: SourceKind,
  suffix: string,
  read: EntryReader,
): readonly TaggerEvent[] {
  const events: TaggerEvent[] = [];
  for (const [index, entry] of listField(base.payload, listName).entries()) {
    const payload = read(entry);
    if (payload === undefined) continue;
    const sourceId = idField(payload, "id") ?? idField(payload, "uuid") ??
      idField(payload, "command_id") ?? `${base.sourceId}#${suffix}${index}`;
    events.push({ ...base, sourceKind, sourceId, payload });
  }
  return events;
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

/** An attempt that names no service was made on the session's. */
function attemptPayloadOf(session: Payload): EntryReader {
  const service = textField(session, "service");
  return (entry) => {
    if (!isObject(entry)) return undefined;
    return textField(entry, "service") !== undefined || service === undefined
      ? entry
      : { ...entry, service };
  };
}

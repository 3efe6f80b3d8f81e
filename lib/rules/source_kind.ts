/**
 * The closed list of what can be tagged. A rule's `applies_to` names these, and
 * every tagger event carries one.
 */
export const KNOWN_SOURCE_KINDS = [
  "command",
  "session",
  "http_request",
  "auth_attempt",
  "payload",
  "intel",
  "email",
  "canary_fingerprint",
  "identity",
  "credential",
  "http_fingerprint",
  "ipv6_leak",
  "jarm",
  "hassh",
] as const;

/** One kind of taggable thing, e.g. a shell command or an email. */
export type SourceKind = typeof KNOWN_SOURCE_KINDS[number];

const KNOWN: ReadonlySet<string> = new Set(KNOWN_SOURCE_KINDS);

/** Tells whether a text names a kind that rules can apply to. */
export function isSourceKind(text: string): text is SourceKind {
  return KNOWN.has(text);
}

/**
 * Says in plain words why a connection to a server failed, and what to do.
 *
 * @param error as the runtime or the NATS client gave it
 */
export function networkReason(error: Error & { readonly code?: string }): string {
  if (CERTIFICATE_ALERT_REGEXP.test(error.message)) return BAD_CERTIFICATE;
  return REASONS.get(error.code ?? error.name) ?? (error.message || error.name);
}

const UNKNOWN_AUTHORITY =
  "the server's certificate is not signed by a known authority; name its CA file";
const BROKEN_OFF = "connection broken off; the server may demand a client certificate";

/** Alerts of RFC 8446 with which a server turns a client's certificate, or its absence, down. */
const CERTIFICATE_ALERT_REGEXP = /alert: (Bad|Unknown|Unsupported)?Certificate/;
const BAD_CERTIFICATE = "the server demands a client certificate that it knows";

/** By the codes of the runtime and the names of the client's errors. */
const REASONS: ReadonlyMap<string, string> = new Map(Object.entries({
  AuthorizationError: "the server refuses the login",
  UserAuthenticationExpiredError: "the login has expired",
  TimeoutError: "no answer in time",
  ECONNREFUSED: "connection refused; is a server running there?",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be looked up now",
  ETIMEDOUT: "no answer from the host",
  EHOSTUNREACH: "no route to the host",
  ENETUNREACH: "no route to the network",
  ECONNRESET: BROKEN_OFF,
  EPIPE: BROKEN_OFF,
  EPERM: BROKEN_OFF,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed; name it as the CA file",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
}));

/**
 * Tells whether a connection failed because nobody was there to refuse it.
 *
 * @param error as the runtime or the NATS client gave it
 */
export function isAbsence(error: Error & { readonly code?: string }): boolean {
  return ABSENCES.has(error.code ?? error.name);
}

const ABSENCES: ReadonlySet<string> = new Set([
  "TimeoutError",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

import type { SourceKind } from "../rules/source_kind.ts";
import {
  bounded,
  count,
  domain,
  label,
  listOf,
  oneOf,
  sha256,
  type Shape,
} from "./evidence_shapes.ts";

/** What the evidence of a kind of event may hold. */
export interface EvidenceContract {
  /** Allowed keys, each with the shape that its value must have. */
  readonly shapes: Readonly<Record<string, Shape>>;
  /** Payload fields that a rule may have copied; `any` allows every field that is no secret. */
  readonly copied: "any" | readonly string[];
}

/** Fields that hold what an attacker logged in with: in the evidence of no kind, whatever a rule asks. */
export const SECRET_FIELDS: ReadonlySet<string> = new Set([
  "auth_attempts",
  "credential_hash",
  "password",
  "password_hash",
  "shared_password_hash",
]);

/**
 * Parts of a request that hold cookies and passwords beside what matched in them:
 * no rule has them copied. What matched is quoted by itself.
 */
const REQUEST_SECRETS: readonly string[] = ["headers", "cookies", "body", "request_body", "text"];

/** Whether a payload field holds secrets, so that it is in the evidence of no tag of the kind. */
export function isSecretField(kind: SourceKind, field: string): boolean {
  return SECRET_FIELDS.has(field) || kind === "http_request" && REQUEST_SECRETS.includes(field);
}

/** What the email lifter calls the parts of a message that disagree or give it away. */
export const EMAIL_HEADERS = [
  "from",
  "mail_from",
  "return_path",
  "dkim_signature",
  "received_spf",
  "x_mailer",
  "subject",
] as const;

/** What the email lifter can notice about who sent a message and what it asks for. */
export const EMAIL_SIGNALS = [
  "from_returnpath_mismatch",
  "from_mailfrom_mismatch",
  "dkim_fail",
  "spf_fail",
  "payment_demand",
  "bitcoin_address",
  "monero_address",
] as const;

/** What makes an attachment malicious, in the order of precedence. */
export const EMAIL_TRIGGERS = [
  "office_macro",
  "protected_archive",
  "html_smuggling",
  "mal_hash_match",
  "lnk",
  "iso",
  "img",
] as const;

/** What gives the program behind a canary's trigger away. */
export const CANARY_METRICS = [
  "navigator_webdriver",
  "canvas_audio_hash",
  "matched_tool",
  "webrtc_geo_mismatch",
  "tz_mismatch_zones",
  "lang_country_mismatch",
  "platform_ua_inconsistent",
  "ua_webgl_mismatch",
] as const;

const FROM_MATCH = keys("matched normalised truncated decoded");

/**
 * The contract of each kind. Those of email and canary events protect people
 * who wrote or read them: values are checked too, so that no address, header
 * value, text or file name can pass under an allowed key.
 */
const CONTRACTS: Readonly<Record<SourceKind, EvidenceContract>> = {
  command: open({ ...keys("uid user src pwd"), ...FROM_MATCH }),
  http_request: open({ ...keys("matched_path"), ...FROM_MATCH }),
  payload: open(FROM_MATCH),
  auth_attempt: open({
    ...keys("username service result fail_count password_count prior_brute"),
    ...FROM_MATCH,
  }),
  credential: open({ ...keys("reuse_count services"), ...FROM_MATCH }),
  identity: open({ ...keys("account_count asns window_h"), ...FROM_MATCH }),
  jarm: open({ ...keys("jarm hassh matched_framework"), ...FROM_MATCH }),
  hassh: open({ ...keys("jarm hassh matched_framework"), ...FROM_MATCH }),
  session: open({
    ...keys("beacon_interval_s beacon_jitter_pct bytes_out request_count rows_read bytes_read"),
    ...keys("llmnr_poisoned llmnr_poison_count tftp_filename jarm hassh matched_framework"),
    ...keys("matched_pattern matched_path matched_signals matched_kw"),
    ...keys("children_beyond_limit tags_beyond_limit"),
    ...FROM_MATCH,
  }),
  intel: closed(keys(
    "abuseipdb_categories abuseipdb_score abuse_confidence_score greynoise_classification " +
      "greynoise_tags greynoise_name feodo_listed feodo_malware_family first_seen_feodo " +
      "malware_family threatfox_threat_types threatfox_ioc_types threatfox_malware_families " +
      "threat_types malware_families ioc_types aggregate_verdict bumped_rule_ids",
  )),
  email: {
    shapes: {
      body_sha256: sha256,
      matched_headers: listOf(oneOf(...EMAIL_HEADERS)),
      rcpt_domain_set: listOf(domain),
      attachment_sha256s: listOf(sha256),
      rcpt_count: count,
      matched_kit: label,
      matched_trigger: oneOf(...EMAIL_TRIGGERS),
      matched_url_host: domain,
      matched_signals: listOf(oneOf(...EMAIL_SIGNALS)),
      matched_subject_kw: label,
      matched_body_kw: label,
      encoded_byte_count: count,
    },
    // The others only our own code may fill: a producer could send anything under these names.
    copied: ["body_sha256", "attachment_sha256s", "rcpt_count"],
  },
  canary_fingerprint: {
    shapes: { metric: oneOf(...CANARY_METRICS), matched_signature: label },
    copied: [],
  },
  http_fingerprint: closed(keys("kind hash protocol client_ip seen_at raw")),
  ipv6_leak: closed(keys("addr mac_oui iid_kind vector on_iface attacker_v4 observed_at")),
};

/** The contract of a kind of event. */
export function contractOf(kind: SourceKind): EvidenceContract {
  return CONTRACTS[kind];
}

function keys(names: string): Readonly<Record<string, Shape>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, bounded]));
}

function open(shapes: Readonly<Record<string, Shape>>): EvidenceContract {
  return { shapes, copied: "any" };
}

function closed(shapes: Readonly<Record<string, Shape>>): EvidenceContract {
  return { shapes, copied: Object.keys(shapes) };
}

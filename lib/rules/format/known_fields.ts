import { nearest } from "../../attack/spelling.ts";
import { REQUEST_FIELDS } from "../request/request_reader.ts";
import type { SourceKind } from "../source_kind.ts";

const names = (text: string): readonly string[] => text.split(" ");

/** Who did it, where and when: any event may say so. */
const COMMON_FIELDS = names(
  "attacker_uuid attacker_ip src_ip identity_uuid session_id decky_id decky sensor service " +
    "username source_id id uuid ts observed_at",
);

/** Aggregates over a session, which its detectors read. */
const SESSION_FIELDS = names(
  "ended_at duration_s commands http_requests auth_attempts payloads shard_path event_type " +
    "first_seen beacon_interval_s beacon_jitter_pct op_text command_text note_text body_text " +
    "bytes_out request_count target_host rows_read bytes_read matched_path request_path path " +
    "signals container_image llmnr_poisoned llmnr_poison_count poisoned_query victim_host " +
    "tftp_filename source_host jarm hassh matched_framework behavior_class tool_guesses",
);

const FINGERPRINT_FIELDS = names(
  "jarm jarm_hash hassh hassh_server ssh_banner port matched_framework",
);

/** Fields that producers are known to send, and those that are derived, by kind of event. */
const FIELDS: Readonly<Record<SourceKind, readonly string[]>> = {
  command: names("command_text text command_id uid user src pwd"),
  session: SESSION_FIELDS,
  http_request: [
    ...names("raw_url method user_agent headers request_path status body request_body"),
    ...names("matched_path path"),
    ...Object.keys(REQUEST_FIELDS),
  ],
  auth_attempt: names(
    "password password_hash result fail_count password_count username_count prior_brute",
  ),
  payload: names("payload_text sha256 filename size url"),
  intel: names(
    "verdict abuseipdb_score abuseipdb_categories abuse_confidence_score " +
      "greynoise_classification greynoise_tags greynoise_name feodo_listed " +
      "feodo_malware_family first_seen_feodo threatfox_listed threatfox_threat_types " +
      "threatfox_ioc_types threatfox_malware_families threatfox_confidence_level " +
      "malware_family malware_families threat_types ioc_types aggregate_verdict",
  ),
  email: names(
    "subject from_domain mail_from_domain return_path_domain rcpt_count rcpt_domains x_mailer " +
      "matched_kit xmailer_kit_match dkim_signed spf_pass from_returnpath_mismatch " +
      "from_mailfrom_mismatch dkim_fail spf_fail urls attachment_count attachment_sha256s " +
      "attachment_extensions attachment_macros attachment_password_protected html_smuggling " +
      "mal_hash_match body_simhash body_base64_bytes body_sha256 body_text note_text stored_as",
  ),
  canary_fingerprint: names(
    "token_id trigger_id decky_name user_agent request_path dns_qname navigator_webdriver " +
      "ua_signature canvas_audio_hash_match matched_tool webrtc_geo_mismatch tz_mismatch_zones " +
      "lang_country_mismatch platform_ua_inconsistent ua_webgl_mismatch",
  ),
  identity: names(
    "merged_into_uuid winner_uuid loser_uuid attacker_uuids observation_uuid observation_uuids " +
      "shared_password_hash account_count asns window_h",
  ),
  credential: names(
    "credential_id credential_hash secret_kind reuse_count target_count services attacker_ips " +
      "attacker_uuids deckies",
  ),
  http_fingerprint: names(
    "ja4h fingerprint_type ja4_quic settings protocol client_ip seen_at kind hash raw",
  ),
  ipv6_leak: names("addr mac_oui iid_kind vector on_iface attacker_v4"),
  jarm: FINGERPRINT_FIELDS,
  hassh: FINGERPRINT_FIELDS,
};

/** The fields that an event of a kind is known to have, in the order in which people look for them. */
export function knownFields(kind: SourceKind): readonly string[] {
  return [...new Set([...FIELDS[kind], ...COMMON_FIELDS])];
}

/** A field that no event of some kinds is known to have. */
export interface UnknownField {
  /** The known one that was most likely meant. */
  readonly nearest?: string;
}

/**
 * Tells whether a condition's field can be there in an event of one of the kinds.
 * What stands behind a dot is up to the producer.
 *
 * @returns nothing for a field that is known
 */
export function unknownField(
  field: string,
  kinds: readonly SourceKind[],
): UnknownField | undefined {
  const known = new Set(kinds.flatMap(knownFields));
  const [outer = field] = field.split(".");
  if (known.has(field) || known.has(outer)) return undefined;
  const meant = nearest(outer, known);
  return meant === undefined ? {} : { nearest: meant };
}

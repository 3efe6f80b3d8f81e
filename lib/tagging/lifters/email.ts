import { type EMAIL_HEADERS, type EMAIL_SIGNALS, EMAIL_TRIGGERS } from "../evidence_contract.ts";
import { largestBase64Bytes } from "../base64_run.ts";
import type { Payload } from "../event.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import type { LifterMatch } from "../../rules/document.ts";
import {
  numberParameter,
  parameterFaults,
  type ParameterList,
  textsParameter,
} from "../parameters.ts";
import { listField, numberField, searchedField, textField, textsField } from "../payload.ts";
import { findWord } from "../words.ts";

type Header = typeof EMAIL_HEADERS[number];
type Signal = typeof EMAIL_SIGNALS[number];
type Trigger = typeof EMAIL_TRIGGERS[number];

const PARAMETERS: Readonly<Record<string, ParameterList>> = {
  email_open_relay: { rcpt_threshold: { type: "number" } },
  email_mass_phish: { rcpt_threshold: { type: "number" } },
  email_xmailer_kit: { kits: { type: "texts" } },
  email_idn_url: {},
  email_sender_masquerade: { signals: { type: "texts" } },
  email_malicious_attachment: { triggers: { type: "texts" } },
  email_bec: {
    subject_words: { type: "texts", required: true },
    body_words: { type: "texts", required: true },
  },
  email_encoded_payload: { min_bytes: { type: "number" } },
};

/** Most links and attachments of one message that are looked at. */
const MAX_LISTED = 1000;

/**
 * Mail that an attacker sent through a honeypot. Somebody's letters may be among
 * them: evidence says what was noticed in words of ours, never in theirs.
 */
export const EMAIL_LIFTER: Lifter = {
  name: "email",
  sourceKinds: ["email"],
  predicates: {
    email_open_relay: openRelay,
    email_mass_phish: massPhish,
    email_xmailer_kit: xmailerKit,
    email_idn_url: idnUrl,
    email_sender_masquerade: senderMasquerade,
    email_malicious_attachment: maliciousAttachment,
    email_bec: businessEmailCompromise,
    email_encoded_payload: encodedPayload,
  },
  check: (match) => parameterFaults(match, PARAMETERS[match.kind.slice("lifter:".length)] ?? {}),
};

function openRelay(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const recipients = numberField(payload, "rcpt_count");
  if (recipients === undefined || recipients < numberParameter(match, "rcpt_threshold", 10)) {
    return undefined;
  }
  if (!differ(payload, "from_domain", "mail_from_domain")) return undefined;
  return { evidence: { ...recipientsOf(payload), ...headers("from", "mail_from") } };
}

function massPhish(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const recipients = numberField(payload, "rcpt_count");
  if (recipients === undefined || recipients < numberParameter(match, "rcpt_threshold", 25)) {
    return undefined;
  }
  // A producer writes the fingerprint as text or as a number.
  const fingerprint = textField(payload, "body_simhash") ?? numberField(payload, "body_simhash");
  return fingerprint === undefined ? undefined : { evidence: recipientsOf(payload) };
}

function xmailerKit(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const kit = textField(payload, "matched_kit");
  const flagged = payload["xmailer_kit_match"] === true ||
    textField(payload, "xmailer_kit_match") !== undefined;
  if (textField(payload, "x_mailer") === undefined || (kit === undefined && !flagged)) {
    return undefined;
  }
  // Only a name that the rule knows may be shown: a producer could send anything as one.
  const known = kit === undefined
    ? undefined
    : textsParameter(match, "kits").find((name) => name.toLowerCase() === kit.toLowerCase());
  return {
    evidence: { ...headers("x_mailer"), ...(known !== undefined && { matched_kit: known }) },
  };
}

function idnUrl(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  for (const url of textsField(payload, "urls").slice(0, MAX_LISTED)) {
    const host = hostOf(url);
    if (host?.split(".").some((label) => label.startsWith("xn--"))) {
      return { evidence: { matched_url_host: host } };
    }
  }
  return undefined;
}

function senderMasquerade(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const present: Readonly<Partial<Record<Signal, boolean>>> = {
    from_returnpath_mismatch: differ(payload, "from_domain", "return_path_domain"),
    from_mailfrom_mismatch: differ(payload, "from_domain", "mail_from_domain"),
    dkim_fail: payload["dkim_signed"] === false,
    spf_fail: payload["spf_pass"] === false,
  };
  const asked = textsParameter(match, "signals", Object.keys(present));
  const signals = asked.filter((name) => present[name as Signal] === true);
  return signals.length === 0 ? undefined : { evidence: { matched_signals: signals } };
}

function maliciousAttachment(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const asked = new Set(textsParameter(match, "triggers", EMAIL_TRIGGERS));
  const trigger = EMAIL_TRIGGERS.find((name) => asked.has(name) && hasTrigger(payload, name));
  if (trigger === undefined) return undefined;
  const hashes = listField(payload, "attachment_sha256s");
  return {
    evidence: {
      matched_trigger: trigger,
      ...(hashes.length > 0 && { attachment_sha256s: hashes }),
    },
  };
}

function hasTrigger(payload: Payload, trigger: Trigger): boolean {
  switch (trigger) {
    case "office_macro":
      return payload["attachment_macros"] === true;
    case "protected_archive":
      return payload["attachment_password_protected"] === true;
    case "html_smuggling":
      return payload["html_smuggling"] === true;
    case "mal_hash_match":
      return payload["mal_hash_match"] === true ||
        textField(payload, "mal_hash_match") !== undefined;
    case "lnk":
    case "iso":
    case "img":
      return textsField(payload, "attachment_extensions").slice(0, MAX_LISTED)
        .some((extension) => extension.toLowerCase().replace(/^\./, "") === trigger);
  }
}

function businessEmailCompromise(
  match: LifterMatch,
  { payload }: Observation,
): Finding | undefined {
  const subject = findWord(
    searchedField(payload, "subject"),
    textsParameter(match, "subject_words"),
  );
  if (subject === undefined) return undefined;
  const body = findWord(searchedField(payload, "body_text"), textsParameter(match, "body_words"));
  return body === undefined
    ? undefined
    : { evidence: { matched_subject_kw: subject, matched_body_kw: body } };
}

function encodedPayload(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const least = numberParameter(match, "min_bytes", 4096);
  const counted = numberField(payload, "body_base64_bytes");
  const bytes = counted !== undefined && counted >= least
    ? counted
    : largestBase64Bytes(textField(payload, "body_text") ?? "");
  return bytes < least ? undefined : { evidence: { encoded_byte_count: bytes } };
}

function differ(payload: Payload, one: string, other: string): boolean {
  const first = textField(payload, one)?.toLowerCase();
  const second = textField(payload, other)?.toLowerCase();
  return first !== undefined && second !== undefined && first !== second;
}

function hostOf(url: string): string | undefined {
  const { hostname } = URL.parse(url) ?? URL.parse(`http://${url}`) ?? {};
  return hostname === undefined || hostname === "" ? undefined : hostname;
}

function recipientsOf(payload: Payload): Readonly<Record<string, unknown>> {
  const domains = listField(payload, "rcpt_domains");
  return {
    rcpt_count: numberField(payload, "rcpt_count"),
    ...(domains.length > 0 && { rcpt_domain_set: domains }),
  };
}

function headers(...names: readonly Header[]): { readonly matched_headers: readonly Header[] } {
  return { matched_headers: names };
}

import { type EMAIL_HEADERS, type EMAIL_SIGNALS, EMAIL_TRIGGERS } from "../evidence_contract.ts";
import { largestBase64Bytes } from "../base64_run.ts";
import type { Payload } from "../event.ts";
import { domain, listOf, sha256 } from "../evidence_shapes.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import type { LifterMatch } from "../../rules/format/document.ts";
import {
  numberParameter,
  parameterFaults,
  type ParameterList,
  textsParameter,
} from "../parameters.ts";
import { numberField, searchedField, textField, textsField } from "../payload.ts";
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

/** Longest name of a kit, in UTF-16 units. */
const MAX_NAME = 256;

const domains = listOf(domain);
const hashes = listOf(sha256);

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
  if (kit === undefined && !flaggedMailer(payload)) return undefined;
  // Only a name that the rule knows may be shown: a producer could send anything as one.
  const known = kit === undefined ? undefined : knownKit(match, kit);
  return {
    evidence: {
      ...(textField(payload, "x_mailer") !== undefined && headers("x_mailer")),
      ...(known !== undefined && { matched_kit: known }),
    },
  };
}

/** The producer says that the mail program is a kit's, without naming the kit. */
function flaggedMailer(payload: Payload): boolean {
  const flag = payload["xmailer_kit_match"] === true ||
    textField(payload, "xmailer_kit_match") !== undefined;
  return flag && textField(payload, "x_mailer") !== undefined;
}

function knownKit(match: LifterMatch, kit: string): string | undefined {
  const spelt = lettersOf(kit.slice(0, MAX_NAME));
  return textsParameter(match, "kits").find((name) => lettersOf(name) === spelt);
}

/** Producers write one name as `Leaf PHPMailer` or `leaf_phpmailer`. */
function lettersOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function idnUrl(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  for (const url of textsField(payload, "urls").slice(0, MAX_LISTED)) {
    const host = hostOf(url);
    if (host?.split(".").some((label) => label.startsWith("xn--"))) {
      const shown = domain(host);
      return { evidence: shown === undefined ? {} : { matched_url_host: shown } };
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
  const attached = hashes(payload["attachment_sha256s"]);
  return {
    evidence: {
      matched_trigger: trigger,
      ...(attached !== undefined && { attachment_sha256s: attached }),
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
  const first = domainIn(payload, one);
  const second = domainIn(payload, other);
  return first !== undefined && second !== undefined && first !== second;
}

/** A domain of the envelope or a header; the dot of the root at its end changes nothing. */
function domainIn(payload: Payload, field: string): string | undefined {
  return textField(payload, field)?.toLowerCase().replace(/\.$/, "");
}

function hostOf(url: string): string | undefined {
  const { hostname } = URL.parse(url) ?? URL.parse(`http://${url}`) ?? {};
  return hostname === undefined || hostname === "" ? undefined : hostname;
}

function recipientsOf(payload: Payload): Readonly<Record<string, unknown>> {
  const named = domains(payload["rcpt_domains"]);
  return {
    rcpt_count: numberField(payload, "rcpt_count"),
    ...(named !== undefined && { rcpt_domain_set: named }),
  };
}

function headers(...names: readonly Header[]): { readonly matched_headers: readonly Header[] } {
  return { matched_headers: names };
}

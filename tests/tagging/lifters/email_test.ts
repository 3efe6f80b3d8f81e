import assert from "assert";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Evidence } from "../../../lib/tagging/tag.ts";
import { evidenceBy } from "../pack_tagger.ts";

const SHA = "A3F5".repeat(16);

const CASES: readonly [name: string, rule: string, payload: Payload, Evidence | undefined][] = [
  [
    "a relay shows how many and where to, each domain once",
    "R0041",
    {
      rcpt_count: 12,
      from_domain: "a.example",
      mail_from_domain: "b.example",
      rcpt_domains: ["C.example", "c.example", "someone@d.example", "no domain", 7],
    },
    { rcpt_count: 12, rcpt_domain_set: ["c.example"], matched_headers: ["from", "mail_from"] },
  ],
  [
    "one domain in two spellings is one domain",
    "R0041",
    { rcpt_count: 12, from_domain: "A.example.", mail_from_domain: "a.example" },
    undefined,
  ],
  [
    "a kit is named as the rule names it",
    "R0043",
    { x_mailer: "Leaf 2.8", matched_kit: "leaf_phpmailer" },
    { matched_headers: ["x_mailer"], matched_kit: "Leaf PHPMailer" },
  ],
  [
    "a kit that the rule does not know stays unnamed",
    "R0043",
    { x_mailer: "someone@a.example", matched_kit: "someone@a.example" },
    { matched_headers: ["x_mailer"] },
  ],
  [
    "a kit that was told by something else than a header names none",
    "R0043",
    { matched_kit: "gophish" },
    { matched_kit: "Gophish" },
  ],
  [
    "of a link only the host is shown",
    "R0044",
    { urls: ["https://user:pw@www.xn--pypal-4ve.example:8443/secret?x=1#y"] },
    { matched_url_host: "www.xn--pypal-4ve.example" },
  ],
  [
    "a host in foreign letters is shown as it is looked up",
    "R0044",
    { urls: ["https://b\u00fccher.example/"] },
    { matched_url_host: "xn--bcher-kva.example" },
  ],
  [
    "masquerade shows all that disagrees",
    "R0045",
    {
      from_domain: "a.example",
      return_path_domain: "b.example",
      mail_from_domain: "a.example",
      dkim_signed: false,
      spf_pass: false,
    },
    { matched_signals: ["from_returnpath_mismatch", "dkim_fail", "spf_fail"] },
  ],
  [
    "an attachment shows the first trigger and hashes only",
    "R0046",
    { attachment_extensions: [".IMG", "lnk"], attachment_sha256s: [SHA, "invoice.docx"] },
    { matched_trigger: "lnk", attachment_sha256s: [SHA.toLowerCase()] },
  ],
  [
    "macros come before everything else",
    "R0046",
    { attachment_macros: true, mal_hash_match: true },
    { matched_trigger: "office_macro" },
  ],
  [
    "compromise shows the words of the rule, not of the mail",
    "R0047",
    { subject: "URGENT \u2013 Jane", body_text: "Jane, PLEASE\r\n  transfer 9,000" },
    { matched_subject_kw: "urgent", matched_body_kw: "please transfer" },
  ],
  [
    "the larger of the producer's count and our own counts",
    "R0048",
    { body_base64_bytes: 7, body_text: `${"QUJD".repeat(1400)}` },
    { encoded_byte_count: 4200 },
  ],
];

for (const [name, rule, payload, expected] of CASES) {
  Deno.test(`${rule}: ${name}`, () => {
    assert.deepEqual(evidenceBy(rule, "email", payload), expected);
  });
}

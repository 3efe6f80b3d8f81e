import assert from "assert";
import fc from "fast-check";
import { loadPack } from "../../lib/rules/pack.ts";
import type { Payload } from "../../lib/tagging/event.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

/** Marks what a stranger wrote, so that it is found wherever it turns up. */
const MARK = "zqxprivate";

/** Values of every type that carry the mark, also in the shape of what evidence may hold. */
const HOSTILE: readonly unknown[] = [
  `${MARK}@victim.example`,
  MARK,
  `${MARK}.docx`,
  `Dear ${MARK}, please process the payment today: wire transfer to ${MARK}`,
  [`${MARK}@victim.example`, MARK],
  [`https://user:${MARK}@host.example/${MARK}?q=${MARK}#${MARK}`],
  { [MARK]: MARK },
  [[MARK]],
];

/** A payload of the kind that makes as many rules match as one can. */
const BASES: Readonly<Record<"email" | "canary_fingerprint", Payload>> = {
  email: {
    rcpt_count: 50,
    from_domain: "a.example",
    mail_from_domain: "b.example",
    return_path_domain: "c.example",
    body_simhash: "f0f0",
    x_mailer: "Leaf PHPMailer",
    matched_kit: "Leaf PHPMailer",
    urls: ["https://xn--pypal-4ve.example/"],
    dkim_signed: false,
    attachment_extensions: ["lnk"],
    subject: "urgent invoice",
    body_text: "wire transfer, pay ransom 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
    body_base64_bytes: 9000,
    body_sha256: "0".repeat(64),
    attachment_sha256s: ["1".repeat(64)],
    rcpt_domains: ["d.example"],
    stored_as: "message.eml",
    spf_pass: false,
    mal_hash_match: true,
    attachment_count: 1,
  },
  canary_fingerprint: {
    token_id: "t1",
    user_agent: "Mozilla/5.0",
    request_path: "/secret.docx",
    dns_qname: "t1.example",
    src_ip: "192.0.2.1",
    navigator_webdriver: true,
    canvas_audio_hash_match: true,
    matched_tool: "puppeteer",
    webrtc_geo_mismatch: true,
    tz_mismatch_zones: 5,
    lang_country_mismatch: true,
    platform_ua_inconsistent: true,
    ua_webgl_mismatch: true,
    ua_signature: "HeadlessChrome",
  },
};

/** Domains are allowed; the mark stands in none of those that a payload names by itself. */
for (const kind of ["email", "canary_fingerprint"] as const) {
  const base = BASES[kind];
  const rules = loadPack().rules.filter(({ document }) => document.applies_to.includes(kind));
  const tagger = packTagger({}, rules);

  Deno.test(`the base payload of ${kind} fires every rule of its kind but those about one alternative`, () => {
    const fired = new Set(tagger.tag(eventOf(kind, base)).tags.map(({ ruleId }) => ruleId));
    assert.ok(fired.size >= rules.length - 2, `${fired.size} of ${rules.length}`);
  });

  Deno.test(`evidence of ${kind} holds nothing that a stranger wrote, in whichever field`, () => {
    for (const field of Object.keys(base)) {
      for (const hostile of HOSTILE) {
        const { tags } = tagger.tag(eventOf(kind, { ...base, [field]: hostile }));
        const shown = JSON.stringify(tags.map(({ evidence }) => evidence));
        assert.ok(!shown.includes(MARK), `${field} = ${JSON.stringify(hostile)}: ${shown}`);
      }
    }
  });

  Deno.test(`evidence of ${kind} holds no random text of a stranger either`, () => {
    const random = fc.dictionary(
      fc.constantFrom(...Object.keys(base), "evil", "matched_subject_kw", "metric"),
      fc.oneof(
        fc.string().map((text) => `${text}${MARK}`),
        fc.string().map((text) => `${MARK}${text}`),
        fc.array(fc.string().map((text) => `${text} ${MARK}`)),
      ),
    );
    fc.assert(fc.property(random, (changed) => {
      const { tags } = tagger.tag(eventOf(kind, { ...base, ...changed }));
      assert.ok(!JSON.stringify(tags.map(({ evidence }) => evidence)).includes(MARK));
    }));
  });
}

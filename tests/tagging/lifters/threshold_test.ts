import assert from "assert";
import type { SourceKind } from "../../../lib/rules/source_kind.ts";
import type { Payload } from "../../../lib/tagging/event.ts";
import { eventOf, packTagger } from "../pack_tagger.ts";

const TAGGER = packTagger();

const MIB = 1024 * 1024;

/** On and just beside every threshold of the pack's detectors: what they find, as technique and confidence. */
const CASES: readonly [rule: string, kind: SourceKind, payload: Payload, found: boolean][] = [
  ["R0001", "auth_attempt", { fail_count: 4 }, false],
  ["R0001", "auth_attempt", { fail_count: 5 }, true],
  ["R0001", "auth_attempt", {}, false],
  ["R0002", "auth_attempt", { password_count: 4, username: "pi" }, false],
  ["R0002", "auth_attempt", { password_count: 5, username: "pi" }, true],
  ["R0002", "auth_attempt", { password_count: 5 }, false],
  ["R0004", "credential", { credential_hash: "h", reuse_count: 0 }, false],
  ["R0004", "credential", { credential_hash: "h", reuse_count: 1 }, true],
  ["R0005", "auth_attempt", { result: "failure", prior_brute: true, username: "root" }, false],
  ["R0005", "auth_attempt", { result: "success", prior_brute: false, username: "root" }, false],
  ["R0005", "auth_attempt", { result: "success", prior_brute: true, username: "root" }, true],
  ["R0006", "auth_attempt", { username: "root", password: "" }, true],
  ["R0006", "auth_attempt", { username: "root" }, false],
  ["R0031", "session", { beacon_interval_s: 10, beacon_jitter_pct: 0.15 }, true],
  ["R0031", "session", { beacon_interval_s: 9.9, beacon_jitter_pct: 0.15 }, false],
  ["R0031", "session", { beacon_interval_s: 10, beacon_jitter_pct: 0.16 }, false],
  ["R0031", "session", { beacon_interval_s: 10 }, false],
  ["R0034", "session", { bytes_out: MIB, request_count: 1 }, true],
  ["R0034", "session", { bytes_out: MIB - 1, request_count: 49 }, false],
  ["R0034", "session", { bytes_out: 1, request_count: 50 }, true],
  ["R0035", "session", { rows_read: 10_000, bytes_read: 1 }, true],
  ["R0035", "session", { rows_read: 9_999, bytes_read: 5 * MIB - 1 }, false],
  ["R0035", "session", { rows_read: 1, bytes_read: 5 * MIB }, true],
  ["R0039", "session", { llmnr_poison_count: 1 }, true],
  ["R0039", "session", { llmnr_poison_count: 0 }, false],
  ["R0039", "session", { llmnr_poisoned: true }, true],
  ["R0039", "session", { llmnr_poisoned: "true" }, false],
];

for (const [rule, kind, payload, found] of CASES) {
  Deno.test(`${rule} ${found ? "finds" : "passes over"} ${JSON.stringify(payload)}`, () => {
    const { tags } = TAGGER.tag(eventOf(kind, payload));
    assert.equal(tags.some(({ ruleId }) => ruleId === rule), found);
  });
}

Deno.test("a demand for payment needs an address where the rule asks for one", () => {
  const found = (note_text: string): boolean =>
    TAGGER.tag(eventOf("session", { note_text })).tags.some(({ ruleId }) => ruleId === "R0033");
  assert.equal(found("pay 1 bitcoin"), false);
  assert.equal(found("pay 1 bitcoin to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT"), true);
});

/** What a verdict gives: technique and confidence of each tag. */
const VERDICTS: readonly [what: string, payload: Payload, tags: readonly string[]][] = [
  ["a score counts in parts of a hundred", abuse(50, 18), ["T1110 0.35"]],
  ["a score beyond a hundred counts as a hundred", abuse(180, 18), ["T1110 0.7"]],
  ["a category speaks from its least score on", abuse(80, 11), ["T1496 0.48", "T1566 0.56"]],
  ["and not below", abuse(79, 11), ["T1496 0.474"]],
  ["a category without techniques says nothing", abuse(100, 4), []],
  ["of several signals for one technique the strongest counts", {
    greynoise_classification: "malicious",
    greynoise_tags: ["sliver"],
  }, ["T1071 0.7", "T1588 0.7"]],
  ["the same in another order", {
    greynoise_tags: ["sliver", "tor_exit_node"],
    greynoise_classification: "malicious",
  }, ["T1071 0.7", "T1090 0.7", "T1588 0.7"]],
  ["a threat without a level of confidence counts whole", {
    threatfox_threat_types: ["payload_delivery"],
  }, ["T1105 0.75", "T1588 0.8"]],
  ["a verdict over all providers gives no tag of its own", { aggregate_verdict: "malicious" }, []],
];

function abuse(score: number, category: number): Payload {
  return { abuseipdb_score: score, abuseipdb_categories: [category] };
}

for (const [what, payload, wanted] of VERDICTS) {
  Deno.test(`${what}: ${JSON.stringify(payload)}`, () => {
    const { tags } = TAGGER.tag(eventOf("intel", payload));
    const found = tags.map(({ techniqueId, confidence }) => `${techniqueId} ${confidence}`);
    assert.deepEqual(found.sort(), wanted);
  });
}

Deno.test("only a malicious verdict over all providers raises confidences", () => {
  const bumps = (aggregate_verdict: string) =>
    TAGGER.tag(eventOf("intel", { aggregate_verdict })).bumps.length;
  assert.equal(bumps("malicious"), 1);
  assert.equal(bumps("suspicious"), 0);
});

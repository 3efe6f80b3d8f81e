import assert from "assert";
import type { Payload } from "../../../lib/tagging/event.ts";
import { eventOf, packTagger } from "../pack_tagger.ts";

const tagger = packTagger();

/** What a verdict is labelled with: technique, confidence, rule. */
function labels(payload: Payload): readonly string[] {
  return tagger.tag(eventOf("intel", payload)).tags
    .map((tag) => `${tag.subTechniqueId ?? tag.techniqueId} ${tag.confidence} ${tag.ruleId}`);
}

const CASES: readonly [name: string, payload: Payload, expected: readonly string[]][] = [
  ["AbuseIPDB weighs by its score", { abuseipdb_score: 50, abuseipdb_categories: [18] }, [
    "T1110 0.35 R0054",
  ]],
  ["AbuseIPDB's email spam is phishing from score 80", {
    abuseipdb_score: 80,
    abuseipdb_categories: [11],
  }, ["T1566 0.56 R0054", "T1496 0.48 R0054"]],
  ["AbuseIPDB's email spam below score 80 is not", {
    abuseipdb_score: 79,
    abuseipdb_categories: [11],
  }, ["T1496 0.474 R0054"]],
  ["AbuseIPDB's port scan is two techniques", {
    abuseipdb_score: 100,
    abuseipdb_categories: [14, 1, 999],
  }, ["T1046 0.7 R0054", "T1595 0.7 R0054"]],
  ["AbuseIPDB without a score says nothing", { abuseipdb_categories: [18] }, []],
  ["GreyNoise's malicious alone is half certain", { greynoise_classification: "malicious" }, [
    "T1071 0.35 R0055",
  ]],
  ["GreyNoise's tag outweighs its classification", {
    greynoise_classification: "malicious",
    greynoise_tags: ["sliver"],
  }, ["T1071 0.7 R0055", "T1588 0.7 R0055"]],
  ["Feodo is certain", { feodo_listed: true, feodo_malware_family: "Emotet" }, [
    "T1071.001 0.85 R0056",
    "T1588.001 0.85 R0056",
  ]],
  ["ThreatFox weighs by its confidence level", {
    threatfox_threat_types: ["payload_delivery"],
    threatfox_confidence_level: 50,
  }, ["T1588.001 0.4 R0057", "T1105 0.375 R0057"]],
  ["ThreatFox without a level is certain", { threatfox_threat_types: ["cc_skimming"] }, [
    "T1056 0.7 R0057",
  ]],
  ["what no table knows is silence", {
    greynoise_classification: "odd",
    threatfox_threat_types: ["odd"],
    abuseipdb_score: 100,
    abuseipdb_categories: [404],
  }, []],
];

for (const [name, payload, expected] of CASES) {
  Deno.test(`intel: ${name}`, () => assert.deepEqual(labels(payload), expected));
}

Deno.test("intel: a malicious verdict that no provider explains raises what is there", () => {
  const event = eventOf("intel", { aggregate_verdict: "malicious" });
  assert.deepEqual(tagger.tag(event).bumps, [
    { ruleId: "R0058", attackerUuid: "a1", by: 0.05, ceiling: 0.95 },
  ]);
});

Deno.test("intel: a malicious verdict that a provider explains raises nothing", () => {
  const event = eventOf("intel", { aggregate_verdict: "malicious", feodo_listed: true });
  assert.deepEqual(tagger.tag(event).bumps, []);
});

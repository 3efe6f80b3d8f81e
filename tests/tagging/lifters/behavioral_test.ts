import assert from "assert";
import type { SourceKind } from "../../../lib/rules/source_kind.ts";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Evidence } from "../../../lib/tagging/tag.ts";
import { evidenceBy } from "../pack_tagger.ts";

const BITCOIN = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT";
const SLIVER = "2ad2ad0002ad2ad00041d2ad2ad41da5207249a18099be84ef3c8811adc883";

const CASES: readonly [string, string, SourceKind, Payload, Evidence | undefined][] = [
  [
    "beaconing shows the beat",
    "R0031",
    "session",
    { beacon_interval_s: 60, beacon_jitter_pct: 0.1 },
    { beacon_interval_s: 60, beacon_jitter_pct: 0.1 },
  ],
  [
    "a jitter below nothing is no measurement",
    "R0031",
    "session",
    { beacon_interval_s: 60, beacon_jitter_pct: -1 },
    undefined,
  ],
  [
    "destruction names the pattern",
    "R0032",
    "session",
    { op_text: "x\nflushall" },
    { matched_pattern: String.raw`\bFLUSH(?:ALL|DB)\b` },
  ],
  [
    "destruction is seen in a command too",
    "R0032",
    "session",
    { command_text: "redis-cli FLUSHALL" },
    { matched_pattern: String.raw`\bFLUSH(?:ALL|DB)\b` },
  ],
  [
    "exfiltration shows both measures and the target",
    "R0034",
    "session",
    { bytes_out: 5, request_count: 60, target_host: "drop.example" },
    { bytes_out: 5, request_count: 60, target_host: "drop.example" },
  ],
  [
    "an escape shows the globs, not the bind",
    "R0038",
    "session",
    { signals: ["bind:/etc:/x", "PRIVILEGED:true", 7] },
    { matched_signals: ["bind:/etc:*", "privileged:*"] },
  ],
  [
    "a bind of a folder that begins like a sensitive one is none",
    "R0038",
    "session",
    { signals: ["bind:/etcetera:/x"] },
    undefined,
  ],
  [
    "poisoning shows its count",
    "R0039",
    "session",
    { llmnr_poison_count: 2, victim_host: "pc-1" },
    { llmnr_poison_count: 2, victim_host: "pc-1" },
  ],
  [
    "a router's configuration shows the file",
    "R0040",
    "session",
    { tftp_filename: "core1-confg", source_host: "192.0.2.9" },
    { tftp_filename: "core1-confg", source_host: "192.0.2.9", matched_pattern: "*-confg" },
  ],
  [
    "a ransom note in a session shows word and currency, not the address",
    "R0033",
    "session",
    { note_text: `Pay to ${BITCOIN}` },
    { matched_signals: ["payment_demand", "bitcoin_address"], matched_kw: "pay" },
  ],
  [
    "a ransom note by mail keeps to the mail's contract",
    "R0033",
    "email",
    { body_text: `ransom to ${BITCOIN}` },
    { matched_signals: ["payment_demand", "bitcoin_address"], matched_body_kw: "ransom" },
  ],
  [
    "a file with credentials shows the glob",
    "R0036",
    "http_request",
    { raw_url: "/a/%252egit%2fconfig" },
    { matched_path: ".git/config" },
  ],
  [
    "a session's URL is not looked at, its path is",
    "R0036",
    "session",
    { raw_url: "/.env" },
    undefined,
  ],
  [
    "a cluster's token is seen through a traversal",
    "R0037",
    "http_request",
    { raw_url: "/../../run/secrets/kubernetes.io/serviceaccount/token" },
    { matched_path: "run/secrets/kubernetes.io/serviceaccount/token" },
  ],
  [
    "a known hash names its framework",
    "R0030",
    "jarm",
    { jarm: SLIVER.toUpperCase() },
    { jarm: SLIVER, matched_framework: "sliver" },
  ],
  [
    "the producer's word on the framework comes first",
    "R0030",
    "hassh",
    { hassh: "abc", matched_framework: "havoc" },
    { hassh: "abc", matched_framework: "havoc" },
  ],
  [
    "spraying shows how many accounts, not the password",
    "R0003",
    "identity",
    { shared_password_hash: "h", account_count: 4, asns: [64500], window_h: 6 },
    { account_count: 4, asns: [64500], window_h: 6 },
  ],
];

for (const [name, rule, kind, payload, expected] of CASES) {
  Deno.test(`${rule}: ${name}`, () => {
    assert.deepEqual(evidenceBy(rule, kind, payload), expected);
  });
}

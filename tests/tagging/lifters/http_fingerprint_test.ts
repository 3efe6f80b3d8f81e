import assert from "assert";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Evidence } from "../../../lib/tagging/tag.ts";
import { evidenceBy } from "../pack_tagger.ts";

const SEEN = { protocol: "h2", client_ip: "192.0.2.4", seen_at: "2026-01-01T00:00:00Z" };

const CASES: readonly [string, Payload, Evidence | undefined][] = [
  ["R0100", { ja4h: "GE11NN030000_a_b_c", ...SEEN }, {
    kind: "ja4h",
    hash: "GE11NN030000_a_b_c",
    ...SEEN,
  }],
  ["R0100", { ja4h: "ge11nn030000x_a_b_c" }, undefined],
  ["R0101", { fingerprint_type: "http2_settings", settings: "1:4096", ...SEEN }, {
    kind: "http2_settings",
    raw: "1:4096",
    ...SEEN,
  }],
  ["R0101", { fingerprint_type: "http3_settings", settings: { 6: 4096 } }, {
    kind: "http3_settings",
    raw: { 6: 4096 },
  }],
  ["R0101", { fingerprint_type: "http2_settings", settings: 7 }, undefined],
  ["R0102", { ja4_quic: "q13d0312h3_a_b", seen_at: 7 }, {
    kind: "ja4_quic",
    hash: "q13d0312h3_a_b",
    seen_at: 7,
  }],
];

for (const [rule, payload, expected] of CASES) {
  const told = expected === undefined ? "is silent about" : "shows how a client spoke:";
  Deno.test(`${rule} ${told} ${JSON.stringify(payload)}`, () => {
    const evidence = evidenceBy(rule, "http_fingerprint", payload);
    assert.deepEqual(evidence && { ...evidence }, expected && { ...expected });
  });
}

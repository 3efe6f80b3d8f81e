import assert from "assert";
import type { Payload } from "../../../lib/tagging/event.ts";
import type { Evidence } from "../../../lib/tagging/tag.ts";
import { evidenceBy } from "../pack_tagger.ts";

const CASES: readonly [rule: string, payload: Payload, Evidence | undefined][] = [
  ["R0049", { navigator_webdriver: true }, { metric: "navigator_webdriver" }],
  ["R0050", { matched_tool: "PUPPETEER" }, {
    metric: "matched_tool",
    matched_signature: "puppeteer",
  }],
  ["R0050", { canvas_audio_hash_match: "selenium", matched_tool: "curl" }, {
    metric: "canvas_audio_hash",
    matched_signature: "selenium",
  }],
  ["R0050", { canvas_audio_hash_match: true }, { metric: "canvas_audio_hash" }],
  ["R0050", { matched_tool: "somebody" }, undefined],
  ["R0051", { webrtc_geo_mismatch: true }, { metric: "webrtc_geo_mismatch" }],
  ["R0052", { tz_mismatch_zones: 3, lang_country_mismatch: true }, { metric: "tz_mismatch_zones" }],
  ["R0052", { tz_mismatch_zones: 2, lang_country_mismatch: true }, {
    metric: "lang_country_mismatch",
  }],
  ["R0053", { ua_webgl_mismatch: true }, { metric: "ua_webgl_mismatch" }],
];

for (const [rule, payload, expected] of CASES) {
  const shown = expected === undefined ? "nothing" : JSON.stringify(expected);
  Deno.test(`${rule} shows ${shown} of ${JSON.stringify(payload)}`, () => {
    assert.deepEqual(evidenceBy(rule, "canary_fingerprint", payload), expected);
  });
}

import type { LifterMatch } from "../../rules/format/document.ts";
import type { CANARY_METRICS } from "../evidence_contract.ts";
import type { Payload } from "../event.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import {
  numberParameter,
  parameterFaults,
  type ParameterList,
  textsParameter,
} from "../parameters.ts";
import { numberField, textField } from "../payload.ts";

type Metric = typeof CANARY_METRICS[number];

const PARAMETERS: Readonly<Record<string, ParameterList>> = {
  canary_automation_hash: { catalogues: { type: "texts", required: true } },
  canary_tz_lang_mismatch: { zone_threshold: { type: "number" } },
};

/**
 * Browsers that opened a canary. A canary may be opened by an employee, so that
 * evidence says which measure gave the program away and nothing that it sent.
 */
export const CANARY_LIFTER: Lifter = {
  name: "canary",
  sourceKinds: ["canary_fingerprint"],
  predicates: {
    canary_webdriver: (_match, { payload }) => firstTrue(payload, "navigator_webdriver"),
    canary_automation_hash: automationHash,
    canary_webrtc_leak: (_match, { payload }) => firstTrue(payload, "webrtc_geo_mismatch"),
    canary_tz_lang_mismatch: tzLangMismatch,
    canary_platform_inconsistency: (_match, { payload }) =>
      firstTrue(payload, "platform_ua_inconsistent", "ua_webgl_mismatch"),
  },
  check: (match) => parameterFaults(match, PARAMETERS[match.kind.slice("lifter:".length)] ?? {}),
};

function automationHash(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const catalogue = textsParameter(match, "catalogues");
  const signatureOf = (field: string) => {
    const text = textField(payload, field)?.toLowerCase();
    return catalogue.find((entry) => entry.toLowerCase() === text);
  };
  const hash = signatureOf("canvas_audio_hash_match");
  if (hash !== undefined) return finding("canvas_audio_hash", hash);
  const tool = signatureOf("matched_tool");
  if (tool !== undefined) return finding("matched_tool", tool);
  // The producer has a catalogue of hashes of its own, and may only say that one was in it.
  return payload["canvas_audio_hash_match"] === true ? finding("canvas_audio_hash") : undefined;
}

function tzLangMismatch(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const zones = numberField(payload, "tz_mismatch_zones");
  if (zones !== undefined && zones >= numberParameter(match, "zone_threshold", 3)) {
    return finding("tz_mismatch_zones");
  }
  return firstTrue(payload, "lang_country_mismatch");
}

function firstTrue(payload: Payload, ...metrics: readonly Metric[]): Finding | undefined {
  const metric = metrics.find((name) => payload[name] === true);
  return metric === undefined ? undefined : finding(metric);
}

function finding(metric: Metric, signature?: string): Finding {
  return { evidence: { metric, ...(signature !== undefined && { matched_signature: signature }) } };
}

import type { LifterMatch } from "../../rules/format/document.ts";
import type { Payload } from "../event.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { parameterFaults, type ParameterList, perRule, textsParameter } from "../parameters.ts";
import { isObject, textField } from "../payload.ts";

const PARAMETERS: Readonly<Record<string, ParameterList>> = {
  http_scanner_ja4h: { catalogues: { type: "texts", required: true } },
};

/** Fingerprints of settings that only a client speaking the protocol itself sends. */
const SETTINGS_TYPES = ["http2_settings", "http3_settings"];

/** How HTTP clients speak, apart from what they say. */
export const HTTP_FINGERPRINT_LIFTER: Lifter = {
  name: "http_fingerprint",
  sourceKinds: ["http_fingerprint"],
  predicates: {
    http_scanner_ja4h: scannerJa4h,
    http_h2_h3_probe: settingsProbe,
    http_quic_probe: quicProbe,
  },
  check: (match) => parameterFaults(match, PARAMETERS[match.kind.slice("lifter:".length)] ?? {}),
};

const cataloguesOf = perRule((match) =>
  new Set(textsParameter(match, "catalogues").map((entry) => entry.toLowerCase()))
);

function scannerJa4h(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const ja4h = textField(payload, "ja4h");
  if (ja4h === undefined) return undefined;
  // The first part describes method, version and headers; the hashes behind it vary with each scan.
  const shape = ja4h.split("_", 1)[0]!.toLowerCase();
  return cataloguesOf(match).has(shape) ? finding(payload, "ja4h", { hash: ja4h }) : undefined;
}

function settingsProbe(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  const type = textField(payload, "fingerprint_type");
  const { settings } = payload;
  const present = typeof settings === "string"
    ? settings !== ""
    : Array.isArray(settings) || isObject(settings);
  if (type === undefined || !SETTINGS_TYPES.includes(type) || !present) return undefined;
  return finding(payload, type, { raw: settings });
}

function quicProbe(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  const hash = textField(payload, "ja4_quic");
  return hash === undefined ? undefined : finding(payload, "ja4_quic", { hash });
}

function finding(payload: Payload, kind: string, seen: Readonly<Record<string, unknown>>): Finding {
  const evidence: Record<string, unknown> = { kind, ...seen };
  for (const field of ["protocol", "client_ip", "seen_at"]) {
    const value = textField(payload, field);
    if (value !== undefined) evidence[field] = value;
  }
  return { evidence };
}

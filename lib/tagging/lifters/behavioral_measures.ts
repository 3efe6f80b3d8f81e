import type { LifterMatch } from "../../rules/format/document.ts";
import type { Payload } from "../event.ts";
import type { Finding, Observation, Predicate } from "../lifter.ts";
import { numberParameter, type ParameterList } from "../parameters.ts";
import { numberField } from "../payload.ts";

const MEBIBYTE = 1_048_576;

/** What a session's numbers show, by predicate. */
export const MEASURES: Readonly<Record<string, Predicate>> = {
  behavioral_beaconing: beaconing,
  behavioral_exfil_over_web: exfilOverWeb,
  behavioral_db_mass_read: dbMassRead,
  behavioral_llmnr_poisoning: llmnrPoisoning,
  behavioral_session_flood: sessionFlood,
};

/** What the predicates read out of a rule. */
export const MEASURE_PARAMETERS: Readonly<Record<string, ParameterList>> = {
  behavioral_beaconing: { min_interval_s: { type: "number" }, max_jitter_pct: { type: "number" } },
  behavioral_exfil_over_web: {
    min_payload_bytes: { type: "number" },
    request_threshold: { type: "number" },
  },
  behavioral_db_mass_read: { min_rows: { type: "number" }, min_bytes: { type: "number" } },
};

function beaconing(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const interval = numberField(payload, "beacon_interval_s");
  const jitter = numberField(payload, "beacon_jitter_pct");
  if (interval === undefined || jitter === undefined || jitter < 0) return undefined;
  if (interval < numberParameter(match, "min_interval_s", 10)) return undefined;
  if (jitter > numberParameter(match, "max_jitter_pct", 0.15)) return undefined;
  return { evidence: { beacon_interval_s: interval, beacon_jitter_pct: jitter } };
}

function exfilOverWeb(match: LifterMatch, { payload }: Observation): Finding | undefined {
  return reached(payload, {
    bytes_out: numberParameter(match, "min_payload_bytes", MEBIBYTE),
    request_count: numberParameter(match, "request_threshold", 50),
  });
}

function dbMassRead(match: LifterMatch, { payload }: Observation): Finding | undefined {
  return reached(payload, {
    rows_read: numberParameter(match, "min_rows", 10_000),
    bytes_read: numberParameter(match, "min_bytes", 5 * MEBIBYTE),
  });
}

function llmnrPoisoning(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  const count = numberField(payload, "llmnr_poison_count");
  const poisoned = payload["llmnr_poisoned"] === true;
  if (!poisoned && (count === undefined || count < 1)) return undefined;
  return {
    evidence: {
      ...(poisoned && { llmnr_poisoned: true }),
      ...(count !== undefined && { llmnr_poison_count: count }),
    },
  };
}

/** The worker puts these fields into a session of more than it looks at; no producer can. */
function sessionFlood(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  return reached(payload, { children_beyond_limit: 1, tags_beyond_limit: 1 });
}

/** Holds when any field reaches its threshold; the evidence has all of the fields. */
function reached(
  payload: Payload,
  thresholds: Readonly<Record<string, number>>,
): Finding | undefined {
  const evidence: Record<string, number> = {};
  let any = false;
  for (const [field, threshold] of Object.entries(thresholds)) {
    const value = numberField(payload, field);
    if (value === undefined) continue;
    evidence[field] = value;
    any ||= value >= threshold;
  }
  return any ? { evidence } : undefined;
}

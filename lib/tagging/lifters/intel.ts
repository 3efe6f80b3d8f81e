import type { IntelSignal, IntelTable } from "../../rules/format/intel_table.ts";
import type { Payload } from "../event.ts";
import type { Choice, Finding, Lifter, Observation, Predicate } from "../lifter.ts";
import { numberParameter, parameterFaults } from "../parameters.ts";
import type { LifterMatch } from "../../rules/format/document.ts";
import { listField, numberField, textField, textsField } from "../payload.ts";

/** Most categories or tags of one verdict that are looked at. */
const MAX_SIGNALS = 256;

/** Scores of providers go from 0 to this. */
const FULL_SCORE = 100;

/** What one provider says about an attacker. */
interface Verdict {
  /** Ids of the table's signals that it gave. */
  readonly signals: readonly string[];
  /** From 0 to 100. */
  readonly score: number;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Reads a provider's verdict; nothing when the provider says nothing. */
type VerdictReader = (payload: Payload) => Verdict | undefined;

const READERS: Readonly<Record<string, VerdictReader>> = {
  abuseipdb: readAbuseIpdb,
  greynoise: readGreyNoise,
  feodo: readFeodo,
  threatfox: readThreatFox,
};

/**
 * What others know about an attacker. Each provider has a table that says what
 * its signals mean; a signal that no table knows means nothing.
 *
 * @param tables the tables in force, asked for at each event
 */
export function intelLifter(tables: () => readonly IntelTable[]): Lifter {
  const byProvider = indexed(tables);
  const predicates: Record<string, Predicate> = { intel_aggregate_bump: aggregateBump };
  for (const [provider, read] of Object.entries(READERS)) {
    predicates[`intel_${provider}`] = (_match, { payload }) =>
      finding(read(payload), byProvider(provider));
  }
  return {
    name: "intel",
    sourceKinds: ["intel"],
    predicates,
    raising: ["intel_aggregate_bump"],
    check: (match) =>
      match.kind === "lifter:intel_aggregate_bump"
        ? parameterFaults(match, { by: { type: "number" }, ceiling: { type: "number" } })
        : [],
  };
}

type SignalIndex = ReadonlyMap<string, IntelSignal>;

/** Keeps an index of the tables until others are in force. */
function indexed(
  tables: () => readonly IntelTable[],
): (provider: string) => SignalIndex | undefined {
  let of: readonly IntelTable[] | undefined;
  let index: ReadonlyMap<string, SignalIndex> = new Map();
  return (provider) => {
    const current = tables();
    if (current !== of) {
      of = current;
      index = new Map(current.map(({ provider: name, signals }) => [
        name,
        new Map(signals.map((signal) => [signal.id.toLowerCase(), signal])),
      ]));
    }
    return index.get(provider);
  };
}

/** The largest multiplier of each technique that any of the signals speaks for. */
function finding(
  verdict: Verdict | undefined,
  signals: SignalIndex | undefined,
): Finding | undefined {
  if (verdict === undefined || signals === undefined) return undefined;
  const multipliers = new Map<string, number>();
  for (const id of verdict.signals.slice(0, MAX_SIGNALS)) {
    for (const technique of signals.get(id.toLowerCase())?.techniques ?? []) {
      const { technique_id: techniqueId, min_score: least = 0, multiplier = 1 } = technique;
      if (verdict.score < least) continue;
      const scaled = multiplier * verdict.score / FULL_SCORE;
      multipliers.set(techniqueId, Math.max(multipliers.get(techniqueId) ?? 0, scaled));
    }
  }
  if (multipliers.size === 0) return undefined;
  const choices = Array.from(
    multipliers,
    ([techniqueId, multiplier]): Choice => ({ techniqueId, multiplier }),
  );
  return { evidence: verdict.evidence, choices };
}

function readAbuseIpdb(payload: Payload): Verdict | undefined {
  const score = numberField(payload, "abuseipdb_score");
  const categories = listField(payload, "abuseipdb_categories")
    .filter((category): category is number => Number.isSafeInteger(category));
  if (score === undefined || categories.length === 0) return undefined;
  return {
    signals: categories.map(String),
    score: within(score),
    evidence: { abuseipdb_categories: categories, abuseipdb_score: score },
  };
}

function readGreyNoise(payload: Payload): Verdict | undefined {
  const classification = textField(payload, "greynoise_classification");
  const tags = textsField(payload, "greynoise_tags");
  const name = textField(payload, "greynoise_name");
  const signals = [
    ...(classification === undefined ? [] : [`classification:${classification}`]),
    ...tags.map((tag) => `tag:${tag}`),
  ];
  if (signals.length === 0) return undefined;
  return {
    signals,
    score: FULL_SCORE,
    evidence: {
      ...(classification !== undefined && { greynoise_classification: classification }),
      ...(tags.length > 0 && { greynoise_tags: tags }),
      ...(name !== undefined && { greynoise_name: name }),
    },
  };
}

function readFeodo(payload: Payload): Verdict | undefined {
  if (payload["feodo_listed"] !== true) return undefined;
  const family = textField(payload, "feodo_malware_family");
  const since = textField(payload, "first_seen_feodo");
  return {
    signals: ["listed"],
    score: FULL_SCORE,
    evidence: {
      feodo_listed: true,
      ...(family !== undefined && { feodo_malware_family: family }),
      ...(since !== undefined && { first_seen_feodo: since }),
    },
  };
}

function readThreatFox(payload: Payload): Verdict | undefined {
  const types = textsField(payload, "threatfox_threat_types");
  if (types.length === 0) return undefined;
  const families = textsField(payload, "threatfox_malware_families");
  const iocs = textsField(payload, "threatfox_ioc_types");
  return {
    signals: types,
    score: within(numberField(payload, "threatfox_confidence_level") ?? FULL_SCORE),
    evidence: {
      threatfox_threat_types: types,
      ...(families.length > 0 && { threatfox_malware_families: families }),
      ...(iocs.length > 0 && { threatfox_ioc_types: iocs }),
    },
  };
}

/** A verdict over all providers, where none of them said what it is about. */
function aggregateBump(match: LifterMatch, { payload }: Observation): Finding | undefined {
  if (textField(payload, "aggregate_verdict")?.toLowerCase() !== "malicious") return undefined;
  return {
    evidence: { aggregate_verdict: "malicious" },
    bump: {
      by: numberParameter(match, "by", 0.05),
      ceiling: numberParameter(match, "ceiling", 0.95),
    },
  };
}

function within(score: number): number {
  return Math.min(FULL_SCORE, Math.max(0, score));
}

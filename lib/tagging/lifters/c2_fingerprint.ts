import type { LifterMatch } from "../../rules/format/document.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { groupOf, parameterFaults, perRule, textsParameter } from "../parameters.ts";
import { textField } from "../payload.ts";

/** Fingerprints of the servers (JARM) and SSH clients (HASSH) of command-and-control frameworks. */
export const C2_FINGERPRINT_LIFTER: Lifter = {
  name: "c2_fingerprint",
  sourceKinds: ["session", "jarm", "hassh"],
  predicates: { c2_fingerprint: c2Fingerprint },
  check: (match) => parameterFaults(match, { hashes: { type: "texts" } }),
};

const hashesOf = perRule((match) => new Set(textsParameter(match, "hashes")));

function c2Fingerprint(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const told = textField(payload, "matched_framework");
  for (const field of ["jarm", "hassh"]) {
    const hash = textField(payload, field)?.toLowerCase();
    if (hash === undefined || !hashesOf(match).has(hash)) continue;
    const framework = told ?? groupOf(match, "hashes", hash);
    return { evidence: { [field]: hash, ...named(framework) } };
  }
  return told === undefined ? undefined : { evidence: named(told) };
}

function named(framework: string | undefined): Readonly<Record<string, string>> {
  return framework === undefined ? {} : { matched_framework: framework };
}

import type { LifterMatch } from "../../rules/format/document.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { numberParameter, parameterFaults } from "../parameters.ts";
import { listField, numberField, textField } from "../payload.ts";

/** Identities, that is several attackers resolved to one actor: what only their sum shows. */
export const IDENTITY_LIFTER: Lifter = {
  name: "identity",
  sourceKinds: ["identity"],
  predicates: { identity_password_spraying: passwordSpraying },
  check: (match) => parameterFaults(match, { account_threshold: { type: "number" } }),
};

function passwordSpraying(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const accounts = numberField(payload, "account_count");
  if (textField(payload, "shared_password_hash") === undefined || accounts === undefined) {
    return undefined;
  }
  if (accounts < numberParameter(match, "account_threshold", 3)) return undefined;
  const asns = listField(payload, "asns");
  const hours = numberField(payload, "window_h");
  return {
    evidence: {
      account_count: accounts,
      ...(asns.length > 0 && { asns }),
      ...(hours !== undefined && { window_h: hours }),
    },
  };
}

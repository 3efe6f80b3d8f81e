import type { LifterMatch } from "../../rules/format/document.ts";
import type { Payload } from "../event.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import {
  flagParameter,
  numberParameter,
  pairsParameter,
  parameterFaults,
  type ParameterList,
  perRule,
} from "../parameters.ts";
import { idField, numberField, textField, textsField } from "../payload.ts";

const PARAMETERS: Readonly<Record<string, ParameterList>> = {
  credential_auth_brute_generic: { fail_threshold: { type: "number" } },
  credential_password_guessing: { pw_threshold: { type: "number" } },
  credential_reuse: {},
  credential_valid_account_use: { require_prior_brute: { type: "flag" } },
  credential_default_credentials: { pairs: { type: "pairs", required: true } },
};

/**
 * Logins: brute force, guessing, reuse of credentials and what a success tells.
 * Nothing that an attacker logged in with, hashed or not, enters evidence.
 */
export const CREDENTIAL_LIFTER: Lifter = {
  name: "credential",
  sourceKinds: ["auth_attempt", "credential"],
  predicates: {
    credential_auth_brute_generic: authBruteGeneric,
    credential_password_guessing: passwordGuessing,
    credential_reuse: reuse,
    credential_valid_account_use: validAccountUse,
    credential_default_credentials: defaultCredentials,
  },
  check: (match) => parameterFaults(match, PARAMETERS[match.kind.slice("lifter:".length)] ?? {}),
};

function authBruteGeneric(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const failures = numberField(payload, "fail_count");
  if (failures === undefined || failures < numberParameter(match, "fail_threshold", 5)) {
    return undefined;
  }
  return { evidence: { ...account(payload), fail_count: failures } };
}

function passwordGuessing(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const passwords = numberField(payload, "password_count");
  if (textField(payload, "username") === undefined || passwords === undefined) return undefined;
  if (passwords < numberParameter(match, "pw_threshold", 5)) return undefined;
  return { evidence: { ...account(payload), password_count: passwords } };
}

function reuse(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  const count = numberField(payload, "reuse_count");
  const credential = textField(payload, "credential_hash") ?? idField(payload, "credential_id");
  if (credential === undefined || count === undefined || count < 1) return undefined;
  const services = textsField(payload, "services");
  return { evidence: { reuse_count: count, ...(services.length > 0 && { services }) } };
}

function validAccountUse(match: LifterMatch, { payload }: Observation): Finding | undefined {
  if (payload["result"] !== "success") return undefined;
  const priorBrute = payload["prior_brute"] === true;
  if (flagParameter(match, "require_prior_brute", false) && !priorBrute) return undefined;
  return { evidence: { ...account(payload), result: "success", prior_brute: priorBrute } };
}

const pairsOf = perRule((match) =>
  new Set(pairsParameter(match, "pairs").map(([username, password]) => pairKey(username, password)))
);

function defaultCredentials(match: LifterMatch, { payload }: Observation): Finding | undefined {
  // An empty password is a password: `root` without one is on every list of defaults.
  const { username, password } = payload;
  if (typeof username !== "string" || typeof password !== "string") return undefined;
  if (!pairsOf(match).has(pairKey(username, password))) return undefined;
  const { result } = payload;
  return {
    evidence: {
      ...account(payload),
      ...((result === "success" || result === "failure") && { result }),
    },
  };
}

/** No username on any list holds a NUL, so that two pairs never share a key. */
function pairKey(username: string, password: string): string {
  return `${username}\0${password}`;
}

/** On which account of which service, as far as it is said. */
function account(payload: Payload): Readonly<Record<string, string>> {
  const username = textField(payload, "username");
  const service = textField(payload, "service");
  return {
    ...(username !== undefined && { username }),
    ...(service !== undefined && { service }),
  };
}

import type { LifterMatch } from "../../rules/format/document.ts";
import { percentDecodedFully } from "../../rules/request/percent_decoding.ts";
import { pathGlobs } from "../globs.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { parameterFaults, perRule, textsParameter } from "../parameters.ts";
import { searchedField } from "../payload.ts";

/** Reads of files that hold credentials, by whatever service. */
export const SENSITIVE_PATH_LIFTER: Lifter = {
  name: "sensitive_path",
  sourceKinds: ["session", "http_request"],
  predicates: {
    behavioral_credentials_in_files: sensitivePath,
    behavioral_k8s_sa_token: sensitivePath,
  },
  check: (match) => parameterFaults(match, { paths: { type: "texts", required: true } }),
};

const pathsOf = perRule((match) => pathGlobs(textsParameter(match, "paths")));

/** Fields that name what was read; a request's URL may be the only one. */
const PATH_FIELDS = ["matched_path", "request_path", "path"];

function sensitivePath(
  match: LifterMatch,
  { payload, sourceKind }: Observation,
): Finding | undefined {
  const fields = sourceKind === "http_request" ? [...PATH_FIELDS, "raw_url"] : PATH_FIELDS;
  for (const field of fields) {
    const text = searchedField(payload, field);
    const found = text === "" ? undefined : pathsOf(match)(percentDecodedFully(text));
    if (found !== undefined) return { evidence: { matched_path: found } };
  }
  return undefined;
}

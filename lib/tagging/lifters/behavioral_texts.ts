import { RE2JS } from "re2js";
import type { LifterMatch } from "../../rules/format/document.ts";
import { pathGlobs, wholeTextGlobs } from "../globs.ts";
import type { Finding, Observation, Predicate } from "../lifter.ts";
import { type ParameterList, perRule, textsParameter } from "../parameters.ts";
import { searchedField, textsField } from "../payload.ts";

/** Longest signal of a session that is looked at, and how many. */
const MAX_SIGNAL = 4096;
const MAX_SIGNALS = 1024;

/** What a session's texts show, by predicate. */
export const TEXTS: Readonly<Record<string, Predicate>> = {
  behavioral_data_destruction: dataDestruction,
  behavioral_docker_escape: dockerEscape,
  behavioral_tftp_router_config: tftpRouterConfig,
};

/** What the predicates read out of a rule. */
export const TEXT_PARAMETERS: Readonly<Record<string, ParameterList>> = {
  behavioral_data_destruction: { patterns: { type: "patterns", required: true } },
  behavioral_docker_escape: { signals: { type: "texts", required: true } },
  behavioral_tftp_router_config: { filename_patterns: { type: "texts", required: true } },
};

const destructionPatterns = perRule((match) =>
  textsParameter(match, "patterns").map((source) => ({
    source,
    pattern: RE2JS.compile(source, RE2JS.CASE_INSENSITIVE),
  }))
);

function dataDestruction(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const texts = [searchedField(payload, "op_text"), searchedField(payload, "command_text")];
  const found = destructionPatterns(match).find(({ pattern }) =>
    texts.some((text) => text !== "" && pattern.test(text))
  );
  return found && { evidence: { matched_pattern: found.source } };
}

const signalsOf = perRule((match) => wholeTextGlobs(textsParameter(match, "signals")));

function dockerEscape(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const matched = new Set<string>();
  for (const signal of textsField(payload, "signals").slice(0, MAX_SIGNALS)) {
    const found = signal.length > MAX_SIGNAL ? undefined : signalsOf(match)(signal);
    if (found !== undefined) matched.add(found);
  }
  return matched.size === 0 ? undefined : { evidence: { matched_signals: Array.from(matched) } };
}

const filenamesOf = perRule((match) => pathGlobs(textsParameter(match, "filename_patterns")));

function tftpRouterConfig(match: LifterMatch, { payload }: Observation): Finding | undefined {
  const filename = searchedField(payload, "tftp_filename");
  const found = filename === "" ? undefined : filenamesOf(match)(filename);
  return found === undefined
    ? undefined
    : { evidence: { tftp_filename: filename, matched_pattern: found } };
}

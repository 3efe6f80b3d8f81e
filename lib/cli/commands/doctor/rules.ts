import { AttackBundleError } from "../../../attack/errors.ts";
import type { Attack } from "../../../attack/matrix.ts";
import { formatProblem } from "../../../rules/format/problem.ts";
import { effectiveState } from "../../../rules/state.ts";
import { StoreError } from "../../../store/sqlite/errors.ts";
import type { Store } from "../../../store/store.ts";
import type { Context } from "../../context.ts";
import { type Finding, type Verdict, withRemedy } from "./finding.ts";
import { Exit } from "../../exit.ts";
import { countText } from "../../output/quantity.ts";
import {
  proveRules,
  type RuleOptions,
  rulesDirectory,
  type RulesInForce,
} from "../../rule_source.ts";

/** Most problems of rules that are shown; `validate` shows all. */
const MAX_PROBLEMS = 5;

/**
 * Proves ATT&CK and rules as a worker does at its start.
 *
 * @param store says which rules are switched off; absent without a database
 */
export async function lookAtRules(
  options: RuleOptions,
  context: Context,
  store: Store | undefined,
  now: number,
): Promise<readonly Finding[]> {
  try {
    const proven = await proveRules(options, context);
    return [
      packFinding(proven, rulesDirectory(options, context)),
      ...problemFindings(proven),
      ...(store === undefined ? [] : stateFindings(proven, store, now)),
      ...attackFindings(proven.attack),
    ];
  } catch (error) {
    if (error instanceof AttackBundleError) {
      return [{ area: "ATT&CK", what: "bundle", verdict: "problem", ...withRemedy(error.message) }];
    }
    if (!(error instanceof Exit)) throw error;
    const remedy = "make the directory, or name another with --rules";
    return [{
      area: "rules",
      what: "directory",
      verdict: "problem",
      detail: error.message,
      remedy,
    }];
  }
}

function rulesFinding(what: string, verdict: Verdict, message: string): Finding {
  return { area: "rules", what, verdict, ...withRemedy(message) };
}

function packFinding({ pack }: RulesInForce, directory: string | undefined): Finding {
  const own = directory === undefined ? "" : `, ${directory} laid over the built-in ones`;
  return rulesFinding("in force", "ok", `${countText(pack.rules.length, "rule")}${own}`);
}

function problemFindings({ problems }: RulesInForce): readonly Finding[] {
  const grave = problems.filter(({ severity }) => severity === "error");
  const light = problems.filter(({ severity, file }) =>
    severity === "warning" && !file.startsWith("rules/")
  );
  const found = [...grave, ...light];
  const shown = found.slice(0, MAX_PROBLEMS).map((problem): Finding => ({
    area: "rules",
    what: problem.path[0] ?? problem.code,
    verdict: problem.severity === "error" ? "problem" : "warning",
    ...withRemedy(formatProblem(problem)),
  }));
  const more = found.length - shown.length;
  if (more === 0) return shown;
  const verdict = grave.length > MAX_PROBLEMS ? "problem" : "warning";
  const rest = rulesFinding("more", verdict, `${more} more; \`decnet-ttp validate\` shows all`);
  return [...shown, rest];
}

function stateFindings({ pack }: RulesInForce, store: Store, now: number): readonly Finding[] {
  try {
    const states = store.ruleStates.all();
    const inState = (wanted: string): readonly string[] =>
      pack.rules.map(({ document }) => document.rule_id)
        .filter((id) => effectiveState(states.get(id), now).state === wanted);
    const [disabled, clipped] = [inState("disabled"), inState("clipped")];
    const named = (ids: readonly string[]): string => ids.length === 0 ? "" : `: ${ids.join(", ")}`;
    return [rulesFinding(
      "states",
      "ok",
      `${disabled.length} disabled${named(disabled)}, ${clipped.length} clipped${named(clipped)}`,
    )];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [rulesFinding("states", "problem", error.message)];
  }
}

function attackFindings({ enterprise, ics }: Attack): readonly Finding[] {
  return [enterprise, ics].map(({ release, sha256 }) => ({
    area: "ATT&CK",
    what: release,
    verdict: "ok",
    detail: `SHA-256 ${sha256}`,
  }));
}

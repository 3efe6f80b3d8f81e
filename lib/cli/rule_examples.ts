import { isLifterMatch, type Payload } from "../rules/document.ts";
import type { Rule } from "../rules/rule.ts";
import type { SourceKind } from "../rules/source_kind.ts";
import { LIFTERS, predicatesByKind } from "../tagging/registry.ts";

const PREDICATES = predicatesByKind(LIFTERS);

/** Asks the registered detectors whether a rule that selects one of them matches. */
export function ruleMatchesByLifter(rule: Rule, sourceKind: SourceKind, payload: Payload): boolean {
  const { match } = rule.document;
  if (!isLifterMatch(match)) return false;
  const registered = PREDICATES.get(match.kind);
  if (registered === undefined || !registered.lifter.sourceKinds.includes(sourceKind)) return false;
  const finding = registered.predicate(match, { sourceKind, payload });
  return finding !== undefined && finding.choices?.length !== 0;
}

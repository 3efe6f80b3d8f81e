import type { LifterMatches } from "../rules/run/examples.ts";
import { isLifterMatch } from "../rules/format/document.ts";
import type { IntelTable } from "../rules/format/intel_table.ts";
import { liftersWith, predicatesByKind } from "../tagging/registry.ts";

/**
 * Asks the registered detectors whether a rule that selects one of them matches.
 *
 * @param tables intel tables that go with the rules
 */
export function lifterMatches(tables: readonly IntelTable[]): LifterMatches {
  const predicates = predicatesByKind(liftersWith(() => tables));
  return (rule, sourceKind, payload) => {
    const { match } = rule.document;
    if (!isLifterMatch(match)) return false;
    const registered = predicates.get(match.kind);
    if (registered === undefined || !registered.lifter.sourceKinds.includes(sourceKind)) {
      return false;
    }
    const finding = registered.predicate(match, { sourceKind, payload });
    return finding !== undefined && finding.choices?.length !== 0;
  };
}

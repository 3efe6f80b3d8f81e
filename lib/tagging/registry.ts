import type { RuleDocument } from "../rules/document.ts";
import { isLifterMatch } from "../rules/document.ts";
import type { Lifter, Predicate } from "./lifter.ts";
import { CREDENTIAL_LIFTER } from "./lifters/credential.ts";
import { IDENTITY_LIFTER } from "./lifters/identity.ts";

/** All lifters: a new one is its file and one line here. */
export const LIFTERS: readonly Lifter[] = [
  CREDENTIAL_LIFTER,
  IDENTITY_LIFTER,
];

/** A predicate together with the lifter that it belongs to. */
export interface RegisteredPredicate {
  readonly lifter: Lifter;
  readonly predicate: Predicate;
}

/** Finds predicates by the `match.kind` that selects them, e.g. `lifter:canary_webdriver`. */
export function predicatesByKind(
  lifters: readonly Lifter[],
): ReadonlyMap<string, RegisteredPredicate> {
  const byKind = new Map<string, RegisteredPredicate>();
  for (const lifter of lifters) {
    for (const [name, predicate] of Object.entries(lifter.predicates)) {
      byKind.set(`lifter:${name}`, { lifter, predicate });
    }
  }
  return byKind;
}

/**
 * Says, one sentence each, why a rule cannot be worked with by the lifter that
 * its `match.kind` selects; nothing for a rule with patterns.
 */
export function lifterFaults(
  document: Pick<RuleDocument, "match" | "emits" | "applies_to">,
  lifters: readonly Lifter[] = LIFTERS,
): readonly string[] {
  const { match, emits, applies_to: kinds } = document;
  if (!isLifterMatch(match)) return [];
  const registered = predicatesByKind(lifters).get(match.kind);
  if (registered === undefined) return [`there is no ${match.kind}`];
  const { lifter } = registered;
  const foreign = kinds.filter((kind) => !lifter.sourceKinds.includes(kind)).map((kind) =>
    `${match.kind} does not look at ${kind} events, only at ${lifter.sourceKinds.join(", ")}`
  );
  return [...foreign, ...(lifter.check?.(match, emits) ?? [])];
}

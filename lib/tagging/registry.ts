import type { RuleDocument } from "../rules/format/document.ts";
import { isLifterMatch } from "../rules/format/document.ts";
import type { IntelTable } from "../rules/format/intel_table.ts";
import { loadPack } from "../rules/pack.ts";
import type { Lifter, Predicate } from "./lifter.ts";
import { BEHAVIORAL_LIFTER } from "./lifters/behavioral.ts";
import { C2_FINGERPRINT_LIFTER } from "./lifters/c2_fingerprint.ts";
import { CANARY_LIFTER } from "./lifters/canary.ts";
import { CREDENTIAL_LIFTER } from "./lifters/credential.ts";
import { EMAIL_LIFTER } from "./lifters/email.ts";
import { HTTP_FINGERPRINT_LIFTER } from "./lifters/http_fingerprint.ts";
import { IDENTITY_LIFTER } from "./lifters/identity.ts";
import { intelLifter } from "./lifters/intel.ts";
import { IPV6_LEAK_LIFTER } from "./lifters/ipv6_leak.ts";
import { RANSOM_NOTE_LIFTER } from "./lifters/ransom_note.ts";
import { SENSITIVE_PATH_LIFTER } from "./lifters/sensitive_path.ts";

/**
 * All lifters: a new one is its file and one line here.
 *
 * @param tables the intel tables in force, asked for at each event
 */
export function liftersWith(tables: () => readonly IntelTable[]): readonly Lifter[] {
  return [
    BEHAVIORAL_LIFTER,
    C2_FINGERPRINT_LIFTER,
    CANARY_LIFTER,
    CREDENTIAL_LIFTER,
    EMAIL_LIFTER,
    HTTP_FINGERPRINT_LIFTER,
    IDENTITY_LIFTER,
    intelLifter(tables),
    IPV6_LEAK_LIFTER,
    RANSOM_NOTE_LIFTER,
    SENSITIVE_PATH_LIFTER,
  ];
}

/** The lifters over the tables that the program carries. */
export const LIFTERS: readonly Lifter[] = liftersWith(() => loadPack().intel);

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
  return [
    ...foreign,
    ...emissionFaults(match.kind, emits.length, lifter),
    ...(lifter.check?.(match, emits) ?? []),
  ];
}

function emissionFaults(kind: string, emissions: number, lifter: Lifter): readonly string[] {
  const raises = lifter.raising?.includes(kind.slice("lifter:".length)) ?? false;
  if (raises && emissions > 0) return [`${kind} raises tags that are there; it emits none itself`];
  if (!raises && emissions === 0) return [`${kind} needs at least one entry in emits`];
  return [];
}

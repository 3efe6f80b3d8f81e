/**
 * Labels what honeypots saw with MITRE ATT&CK techniques, inside a program of
 * your own: the rules and ATT&CK releases of `decnet-ttp` without its bus and its
 * database. Nothing here touches files, the network, the clock or the
 * environment.
 *
 * @example Which techniques does a command show?
 * ```ts
 * import { CompositeTagger, LIFTERS, loadEmbeddedAttack, loadPack, RuleSet } from "@decnet/ttp";
 *
 * const rules = RuleSet.compile(loadPack().rules);
 * const tagger = new CompositeTagger({
 *   attack: loadEmbeddedAttack(),
 *   rules: () => rules,
 *   lifters: LIFTERS,
 *   now: Date.now,
 * });
 * const { tags } = tagger.tag({
 *   sourceKind: "command",
 *   sourceId: "cmd_42",
 *   payload: { command_text: "find / -perm -u=s 2>/dev/null" },
 * });
 * console.log(tags.map((tag) => tag.subTechniqueId ?? tag.techniqueId));
 * ```
 *
 * @module
 */

export { type BundlePin, readBundle } from "./lib/attack/bundle.ts";
export { loadEmbeddedAttack } from "./lib/attack/embedded.ts";
export { AttackBundleError } from "./lib/attack/errors.ts";
export {
  type Attack,
  type Group,
  Matrix,
  type MatrixFacts,
  type Tactic,
  type Technique,
} from "./lib/attack/matrix.ts";
export { MITRE_NOTICE } from "./lib/attack/notice.ts";

export type { CheckContext } from "./lib/rules/format/check.ts";
export type { CommandCondition } from "./lib/rules/format/command_condition.ts";
export type { LifterCheck } from "./lib/rules/format/check_match.ts";
export type {
  Emission,
  Example,
  FieldCondition,
  LifterMatch,
  MatchSpec,
  PatternMatch,
  RuleDocument,
  RuleException,
} from "./lib/rules/format/document.ts";
export type { OperatorException } from "./lib/rules/format/exceptions.ts";
export type { MatchWork } from "./lib/rules/compile/work_meter.ts";
export type { Hit, RuleMatch } from "./lib/rules/run/hit.ts";
export type { IntelSignal, IntelTable, IntelTechnique } from "./lib/rules/format/intel_table.ts";
export type { RuleFile } from "./lib/rules/format/load.ts";
export { type Overlay, overlay, type OverlayContext, type Pack } from "./lib/rules/overlay.ts";
export { type BuiltPack, loadPack } from "./lib/rules/pack.ts";
export {
  formatProblem,
  type Problem,
  RuleError,
  type Severity,
} from "./lib/rules/format/problem.ts";
export type { Rule } from "./lib/rules/rule.ts";
export { type CompileOptions, RuleSet } from "./lib/rules/run/rule_set.ts";
export { KNOWN_SOURCE_KINDS, type SourceKind } from "./lib/rules/source_kind.ts";
export type { RuleState } from "./lib/rules/state.ts";

export { CompositeTagger, type TaggerOptions } from "./lib/tagging/composite.ts";
export type { Payload, TaggerEvent } from "./lib/tagging/event.ts";
export { attackerUuid, type TagKey, tagUuid } from "./lib/tagging/identity.ts";
export type { Choice, Finding, Lifter, Observation, Predicate } from "./lib/tagging/lifter.ts";
export { lifterFaults, LIFTERS } from "./lib/tagging/registry.ts";
export type {
  Bump,
  Evidence,
  Suppression,
  SuppressionReason,
  Tag,
  Tagging,
} from "./lib/tagging/tag.ts";
export type { TaggerObserver } from "./lib/tagging/tagger_observer.ts";

export { taggerEvents } from "./lib/tagging/payload_events.ts";

import type { Attack } from "../attack/matrix.ts";
import { isLifterMatch, type LifterMatch } from "../rules/format/document.ts";
import type { Rule } from "../rules/rule.ts";
import type { Hit, RuleSet } from "../rules/run/rule_set.ts";
import type { SourceKind } from "../rules/source_kind.ts";
import { effectiveState, type RuleState } from "../rules/state.ts";
import type { TaggerEvent } from "./event.ts";
import { copyEvidence, restrictEvidence } from "./evidence.ts";
import { contractOf, SECRET_FIELDS } from "./evidence_contract.ts";
import type { Finding, Lifter, Observation } from "./lifter.ts";
import { predicatesByKind, type RegisteredPredicate } from "./registry.ts";
import { type RuleOutcome, RuleTags } from "./rule_tags.ts";
import type { Evidence, Tagging } from "./tag.ts";
import type { TaggerObserver } from "./tagger_observer.ts";

/** Default of the confidence below which a tag is not written. */
const DEFAULT_FLOOR = 0.3;

/** Facts about who ran a command and where, copied to every tag of it. */
const COMMAND_FIELDS = ["uid", "user", "src", "pwd"];

/** What of a session was not looked at or not kept, said with every tag of the session itself. */
const SESSION_FIELDS = ["children_beyond_limit", "tags_beyond_limit"];

const NOTHING: Tagging = Object.freeze({ tags: [], suppressed: [], bumps: [] });

/** What the tagger works with and whom it tells of trouble. */
export interface TaggerOptions {
  /** Names and links of what is emitted. */
  readonly attack: Attack;
  /** The rules in force; asked once for every event, which ends on the set it began with. */
  readonly rules: () => RuleSet;
  /** Detectors in code, usually `LIFTERS`. */
  readonly lifters: readonly Lifter[];
  /** What an operator set for a rule; nothing for a rule in its default state. */
  readonly stateOf?: (ruleId: string) => RuleState | undefined;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * A tag below this confidence is not written.
   * @default {0.3}
   */
  readonly floor?: number;
  /** Told of a lifter that threw or chose what its rule does not emit; the rest of the event goes on. */
  readonly onLifterError?: (lifter: string, error: unknown) => void;
  /** Told of evidence that the contract of its kind does not allow. */
  readonly onEvidenceDropped?: (ruleId: string, kind: SourceKind, keys: readonly string[]) => void;
  /** Looks on, e.g. to time the work; nothing is spent on it when absent. */
  readonly observer?: TaggerObserver;
}

/**
 * Asks all rules of an event's kind, those with patterns and those for lifters,
 * and gives the tags that it is due. Never throws on what a payload holds.
 */
export class CompositeTagger {
  readonly #options: TaggerOptions;
  readonly #predicates: ReadonlyMap<string, RegisteredPredicate>;
  readonly #ruleTags: RuleTags;
  #claimed: { of: RuleSet; kinds: ReadonlySet<SourceKind> } | undefined;

  /**
   * Makes a tagger.
   *
   * @param options rules, lifters and whom to tell
   */
  constructor(options: TaggerOptions) {
    this.#options = options;
    this.#predicates = predicatesByKind(options.lifters);
    this.#ruleTags = new RuleTags(options.attack, options.floor ?? DEFAULT_FLOOR);
  }

  /** The kinds of event that any rule in force applies to. */
  get claimedKinds(): ReadonlySet<SourceKind> {
    const rules = this.#options.rules();
    if (this.#claimed?.of !== rules) {
      const kinds = new Set(rules.rules.flatMap((rule) => rule.document.applies_to));
      this.#claimed = { of: rules, kinds };
    }
    return this.#claimed.kinds;
  }

  /**
   * Labels one event.
   *
   * @returns tags and suppressions in the order of rule ids; one shared empty value when no rule matches
   */
  tag(event: TaggerEvent): Tagging {
    const { observer } = this.#options;
    if (observer === undefined) return this.#tag(event);
    return this.#tagObserved(event, observer);
  }

  /** Apart, because a function that makes a closure pays for it even where it returns before. */
  #tagObserved(event: TaggerEvent, observer: TaggerObserver): Tagging {
    return observer.evaluated(event, () => this.#tag(event));
  }

  #tag(event: TaggerEvent): Tagging {
    const rules = this.#options.rules();
    const anchored = withOwnAnchor(event);
    if (anchored === undefined) return NOTHING;
    const hits = rules.match(event.sourceKind, event.payload);
    if (rules.work.truncated) this.#options.observer?.truncated(event);
    const lifterRules = rules.lifterRules(event.sourceKind);
    if (hits.length === 0 && lifterRules.length === 0) return NOTHING;
    const outcome: RuleOutcome = { tags: [], suppressed: [], bumps: [], refused: [] };
    for (const { rule, hit } of hits) {
      if (this.#isExcepted(rules, anchored, rule, outcome)) continue;
      this.#settle(anchored, rule, { evidence: hitEvidence(event, hit) }, outcome);
    }
    for (const rule of lifterRules) this.#ask(rules, anchored, rule, outcome);
    // A bump stands in for tags: where another rule had its say there is nothing to stand in for.
    const bumps = outcome.tags.length > 0 ? NOTHING.bumps : outcome.bumps;
    if (outcome.tags.length + outcome.suppressed.length + bumps.length === 0) return NOTHING;
    if (hits.length > 0 && lifterRules.length > 0) {
      outcome.tags.sort(byRuleId);
      outcome.suppressed.sort(byRuleId);
    }
    return { tags: outcome.tags, suppressed: outcome.suppressed, bumps };
  }

  /** Whether an exception holds for a rule that matches; it is counted in place of the tags. */
  #isExcepted(rules: RuleSet, event: TaggerEvent, rule: Rule, outcome: RuleOutcome): boolean {
    const { sourceKind, payload } = event;
    const found = rules.exceptions.find(rule, sourceKind, payload, this.#options.now());
    if (found === undefined) return false;
    this.#ruleTags.except(event, rule, outcome);
    return true;
  }

  #ask(rules: RuleSet, event: TaggerEvent, rule: Rule, outcome: RuleOutcome): void {
    const { match } = rule.document;
    if (!isLifterMatch(match)) return;
    const registered = this.#predicates.get(match.kind);
    if (registered === undefined) return;
    const { lifter, predicate } = registered;
    const { sourceKind, payload } = event;
    if (!lifter.sourceKinds.includes(sourceKind)) return;
    try {
      const { observer } = this.#options;
      const seen = { sourceKind, payload };
      const finding = observer === undefined
        ? predicate(match, seen)
        : askObserved(observer, registered, rule, match, seen);
      if (finding !== undefined && !this.#isExcepted(rules, event, rule, outcome)) {
        this.#settle(event, rule, finding, outcome);
      }
    } catch (error) {
      this.#options.onLifterError?.(lifter.name, error);
      return;
    }
    for (const techniqueId of outcome.refused.splice(0)) {
      this.#options.onLifterError?.(
        lifter.name,
        new EmissionRefused(rule.document.rule_id, techniqueId),
      );
    }
  }

  #settle(event: TaggerEvent, rule: Rule, finding: Finding, outcome: RuleOutcome): void {
    const { observer } = this.#options;
    if (observer === undefined) return this.#outcome(event, rule, finding, outcome);
    const { rule_id: ruleId } = rule.document;
    observer.fired(ruleId, event, () => this.#outcome(event, rule, finding, outcome));
  }

  #outcome(event: TaggerEvent, rule: Rule, finding: Finding, outcome: RuleOutcome): void {
    const { stateOf, now, onEvidenceDropped } = this.#options;
    const { rule_id: ruleId, evidence_fields: fields } = rule.document;
    const state = effectiveState(stateOf?.(ruleId), now());
    if (finding.bump !== undefined) {
      this.#ruleTags.bump(event, rule, state, finding.bump, outcome);
      return;
    }
    const { sourceKind, payload } = event;
    const copied = copyEvidence(sourceKind, payload, fields);
    if (sourceKind === "command") copyEvidence(sourceKind, payload, COMMAND_FIELDS, copied);
    if (sourceKind === "session") copyEvidence(sourceKind, payload, SESSION_FIELDS, copied);
    const { evidence, dropped } = restrictEvidence(sourceKind, finding.evidence, fields, copied);
    if (dropped.length > 0) onEvidenceDropped?.(ruleId, sourceKind, dropped);
    this.#ruleTags.make(event, rule, state, evidence, finding.choices, outcome);
  }
}

/** A lifter chose a technique that its rule does not emit; no tag was made of it. */
export class EmissionRefused extends Error {
  /**
   * @param ruleId the rule whose `emits` lack the technique
   * @param techniqueId what the lifter chose
   */
  constructor(ruleId: string, techniqueId: string) {
    super(`${techniqueId} is not among the emits of rule ${ruleId}; add it there or to no table`);
    this.name = "EmissionRefused";
  }
}

function askObserved(
  observer: TaggerObserver,
  { lifter, predicate }: RegisteredPredicate,
  { document }: Rule,
  match: LifterMatch,
  seen: Observation,
): Finding | undefined {
  return observer.askedLifter(lifter.name, document.rule_id, () => predicate(match, seen));
}

/** An identity's tags are about all of its attackers, so that they name none of them. */
function withOwnAnchor(event: TaggerEvent): TaggerEvent | undefined {
  if (event.sourceKind !== "identity") return event;
  if (event.identityUuid === undefined) return undefined;
  const { attackerUuid: _, attackerIp: __, ...rest } = event;
  return rest;
}

/** What matched, where the kind of event may show its texts and the field holds no secret. */
function hitEvidence(event: TaggerEvent, hit: Hit): Evidence {
  // A condition may look inside a field: `headers.*`.
  const dot = hit.field.indexOf(".");
  const field = dot < 0 ? hit.field : hit.field.slice(0, dot);
  const quotable = Object.hasOwn(contractOf(event.sourceKind).shapes, "matched") &&
    !SECRET_FIELDS.has(field);
  if (!quotable) return {};
  const evidence: Record<string, unknown> = { matched: hit.matched };
  if (hit.normalised) evidence.normalised = true;
  if (hit.truncated) evidence.truncated = true;
  if (hit.decoded) evidence.decoded = true;
  return evidence;
}

function byRuleId(a: { readonly ruleId: string }, b: { readonly ruleId: string }): number {
  return a.ruleId < b.ruleId ? -1 : a.ruleId > b.ruleId ? 1 : 0;
}

import type { Attack } from "../attack/matrix.ts";
import type { Emission, RuleDocument } from "../rules/format/document.ts";
import type { Rule } from "../rules/rule.ts";
import { ceiling, type RuleState } from "../rules/state.ts";
import type { TaggerEvent } from "./event.ts";
import { eventText } from "./event_text.ts";
import { tagUuid } from "./identity.ts";
import type { Choice, Finding } from "./lifter.ts";
import type { Bump, Evidence, Suppression, SuppressionReason, Tag } from "./tag.ts";

/** Decimal places that a confidence keeps; more is noise of the multiplication. */
const CONFIDENCE_SCALE = 10_000;

/** One `emits` entry that a match stands for, with what the loaded ATT&CK releases say about it. */
interface Chosen {
  readonly emission: Emission;
  readonly attackRelease: string;
  readonly mitreUrl: string;
  /** The confidence is multiplied by it. */
  readonly multiplier: number;
}

/** A tag while it is put together. */
type Draft = { -readonly [Key in keyof Tag]: Tag[Key] };

/** What became of one rule's match. */
export interface RuleOutcome {
  readonly tags: Tag[];
  readonly suppressed: Suppression[];
  readonly bumps: Bump[];
  /** Technique ids that a lifter chose and the rule does not emit. */
  readonly refused: string[];
}

/**
 * Turns the match of a rule into tags: the rule's `emits` decide which, its
 * state and the confidence floor whether.
 */
export class RuleTags {
  readonly #attack: Attack;
  readonly #floor: number;
  readonly #prepared = new WeakMap<Rule, readonly Chosen[]>();

  /**
   * @param attack releases that the rules were checked against
   * @param floor a tag below this confidence is not written
   */
  constructor(attack: Attack, floor: number) {
    this.#attack = attack;
    this.#floor = floor;
  }

  /**
   * Makes the tags of one match.
   *
   * @param state the rule's state as it holds now
   * @param evidence already held to its contract
   * @param choices the part of `emits` that a lifter chose; all of it when absent
   * @param outcome takes the result
   */
  make(
    event: TaggerEvent,
    rule: Rule,
    state: RuleState,
    evidence: Evidence,
    choices: readonly Choice[] | undefined,
    outcome: RuleOutcome,
  ): void {
    for (const chosen of this.#chosen(rule, choices, outcome.refused)) {
      const { emission, multiplier } = chosen;
      const scaled = ceiling(emission.confidence * multiplier, state);
      const confidence = Math.round(scaled * CONFIDENCE_SCALE) / CONFIDENCE_SCALE;
      if (state.state === "disabled") {
        outcome.suppressed.push(suppressionOf(event, rule, chosen, "rule_disabled"));
      } else if (confidence < this.#floor) {
        outcome.suppressed.push(suppressionOf(event, rule, chosen, "below_floor"));
      } else {
        const tag = tagOf(event, rule, chosen, confidence, evidence);
        // One technique under two tactics is one tag: the tactic is no part of its identity.
        if (!outcome.tags.some(({ uuid }) => uuid === tag.uuid)) outcome.tags.push(tag);
      }
    }
  }

  /** Notes a match that does not count because of an exception, once for each technique of the rule. */
  except(event: TaggerEvent, rule: Rule, outcome: RuleOutcome): void {
    for (const chosen of this.#prepare(rule)) {
      outcome.suppressed.push(suppressionOf(event, rule, chosen, "excepted"));
    }
  }

  /**
   * Makes the bump of one match: it raises the attacker's tags, so that it needs one.
   *
   * @param state the rule's state as it holds now; a clipped rule raises no further than its maximum
   * @param bump by how much and up to where
   * @param outcome takes the result
   */
  bump(
    event: TaggerEvent,
    rule: Rule,
    state: RuleState,
    bump: NonNullable<Finding["bump"]>,
    outcome: RuleOutcome,
  ): void {
    if (event.attackerUuid === undefined || state.state === "disabled") return;
    outcome.bumps.push({
      ruleId: rule.document.rule_id,
      attackerUuid: event.attackerUuid,
      by: bump.by,
      ceiling: ceiling(bump.ceiling, state),
    });
  }

  #chosen(
    rule: Rule,
    choices: readonly Choice[] | undefined,
    refused: string[],
  ): readonly Chosen[] {
    const prepared = this.#prepare(rule);
    if (choices === undefined) return prepared;
    const multipliers = new Map<Chosen, number>();
    for (const { techniqueId, multiplier } of choices) {
      const meant = prepared.filter(({ emission }) => stands(emission, techniqueId));
      if (meant.length === 0) refused.push(techniqueId);
      for (const entry of meant) {
        multipliers.set(entry, Math.max(multipliers.get(entry) ?? 0, within(multiplier)));
      }
    }
    return prepared.flatMap((entry) => {
      const multiplier = multipliers.get(entry);
      return multiplier === undefined ? [] : [{ ...entry, multiplier }];
    });
  }

  #prepare(rule: Rule): readonly Chosen[] {
    const known = this.#prepared.get(rule);
    if (known !== undefined) return known;
    const prepared = rule.document.emits.map((emission) => {
      const id = emission.sub_technique_id ?? emission.technique_id;
      const { enterprise, ics } = this.#attack;
      const matrix = enterprise.technique(id) === undefined && ics.technique(id) !== undefined
        ? ics
        : enterprise;
      return {
        emission,
        attackRelease: matrix.release,
        mitreUrl: matrix.technique(id)?.url ?? "",
        multiplier: 1,
      };
    });
    this.#prepared.set(rule, prepared);
    return prepared;
  }
}

/** A parent technique stands for the entries of all its sub-techniques. */
export function stands(emission: Emission, techniqueId: string): boolean {
  return emission.technique_id === techniqueId || emission.sub_technique_id === techniqueId;
}

function within(multiplier: number): number {
  return Number.isFinite(multiplier) ? Math.min(1, Math.max(0, multiplier)) : 0;
}

/** Made of every match: assignments are several times faster here than spreading what may be absent. */
function tagOf(
  event: TaggerEvent,
  { document }: Rule,
  { emission, attackRelease, mitreUrl }: Chosen,
  confidence: number,
  evidence: Evidence,
): Tag {
  const tag: Draft = {
    uuid: uuidOf(event, document, emission),
    sourceKind: event.sourceKind,
    sourceId: event.sourceId,
    ruleId: document.rule_id,
    ruleVersion: document.rule_version,
    techniqueId: emission.technique_id,
    tactic: emission.tactic,
    confidence,
    evidence,
    attackRelease,
    mitreUrl,
  };
  const { attackerUuid, attackerIp, identityUuid, sessionId, deckyId, observedAt } = event;
  const text = eventText(event);
  if (emission.sub_technique_id !== undefined) tag.subTechniqueId = emission.sub_technique_id;
  if (attackerUuid !== undefined) tag.attackerUuid = attackerUuid;
  if (identityUuid !== undefined) tag.identityUuid = identityUuid;
  if (sessionId !== undefined) tag.sessionId = sessionId;
  if (deckyId !== undefined) tag.deckyId = deckyId;
  if (attackerIp !== undefined) tag.attackerIp = attackerIp;
  if (observedAt !== undefined) tag.observedAt = observedAt;
  if (text !== undefined) tag.text = text;
  return tag;
}

/** What makes a tag the same tag when its event comes again. */
function uuidOf(
  { sourceKind, sourceId }: TaggerEvent,
  { rule_id: ruleId, rule_version: ruleVersion }: RuleDocument,
  { technique_id: techniqueId, sub_technique_id: subTechniqueId = "" }: Emission,
): string {
  return tagUuid({ sourceKind, sourceId, ruleId, ruleVersion, techniqueId, subTechniqueId });
}

function suppressionOf(
  event: TaggerEvent,
  rule: Rule,
  { emission }: Chosen,
  reason: SuppressionReason,
): Suppression {
  const { attackerUuid, identityUuid } = event;
  return {
    tagUuid: uuidOf(event, rule.document, emission),
    ruleId: rule.document.rule_id,
    techniqueId: emission.technique_id,
    reason,
    ...(attackerUuid !== undefined && { attackerUuid }),
    ...(identityUuid !== undefined && { identityUuid }),
  };
}

import type { SourceKind } from "../rules/source_kind.ts";

/** Facts copied to a tag, limited to the keys of its source kind's contract. */
export type Evidence = Readonly<Record<string, unknown>>;

/** One label: this tagger event shows this technique, by this rule, with this confidence. */
export interface Tag {
  /** UUIDv5 of the tag's identity, see `tagUuid()`. */
  readonly uuid: string;
  readonly sourceKind: SourceKind;
  readonly sourceId: string;
  /** At least one of `attackerUuid` and `identityUuid` is present. */
  readonly attackerUuid?: string;
  readonly identityUuid?: string;
  readonly sessionId?: string;
  readonly deckyId?: string;
  /** ATT&CK tactic id. */
  readonly tactic: string;
  /** Parent technique id. */
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly evidence: Evidence;
  /** ATT&CK release the ids belong to, e.g. `enterprise-19.1`. */
  readonly attackRelease: string;
  readonly mitreUrl: string;
}

/** Why a match produced no row, or its announcement was held back. */
export type SuppressionReason = "below_floor" | "rate_limited" | "rule_disabled";

/** A match that was not written as a tag. */
export interface Suppression {
  readonly ruleId: string;
  readonly techniqueId: string;
  readonly reason: SuppressionReason;
  readonly attackerUuid?: string;
  readonly identityUuid?: string;
}

/** Raises the confidence of an attacker's existing tags, once per tag (rule R0058). */
export interface Bump {
  readonly ruleId: string;
  readonly attackerUuid: string;
  /** Added to each tag's confidence. */
  readonly by: number;
  /** Confidence is never raised above this. */
  readonly ceiling: number;
}

/** What one tagger event gave. */
export interface Tagging {
  readonly tags: readonly Tag[];
  readonly suppressed: readonly Suppression[];
  readonly bumps: readonly Bump[];
}

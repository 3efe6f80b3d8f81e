import type { SourceKind } from "../rules/source_kind.ts";

/** Facts copied to a tag, limited to the keys of its source kind's contract. */
export type Evidence = Readonly<Record<string, unknown>>;

/** One label: this tagger event shows this technique, by this rule, with this confidence. */
export interface Tag {
  /** UUIDv5 of the tag's identity, see `tagUuid()`. */
  readonly uuid: string;
  /** Kind of the labelled event. */
  readonly sourceKind: SourceKind;
  /** Id of the labelled event. */
  readonly sourceId: string;
  /** At least one of `attackerUuid` and `identityUuid` is present. */
  readonly attackerUuid?: string;
  /** Address of the attacker, where the event names it. */
  readonly attackerIp?: string;
  /** Several attackers resolved to one actor. */
  readonly identityUuid?: string;
  /** Session that it is part of. */
  readonly sessionId?: string;
  /** Decoy machine that saw it. */
  readonly deckyId?: string;
  /** When it happened; UTC, ISO 8601 with milliseconds. */
  readonly observedAt?: string;
  /** What is shown of the event: the command, request or login, cut. */
  readonly text?: string;
  /** ATT&CK tactic id. */
  readonly tactic: string;
  /** Parent technique id. */
  readonly techniqueId: string;
  /** Sub-technique id, where the rule names one. */
  readonly subTechniqueId?: string;
  /** From 0 to 1. */
  readonly confidence: number;
  /** Rule that matched. */
  readonly ruleId: string;
  /** Its version. */
  readonly ruleVersion: number;
  /** What it was told by. */
  readonly evidence: Evidence;
  /** ATT&CK release the ids belong to, e.g. `enterprise-19.1`. */
  readonly attackRelease: string;
  /** The technique's page on MITRE's site. */
  readonly mitreUrl: string;
}

/** Why a match produced no row, or its announcement was held back. */
export type SuppressionReason = "below_floor" | "excepted" | "rate_limited" | "rule_disabled";

/** A match that was not written as a tag. */
export interface Suppression {
  /** The uuid that the tag would have; a replay of the event gives the same. */
  readonly tagUuid: string;
  /** Rule that matched. */
  readonly ruleId: string;
  /** Parent technique id that was not written. */
  readonly techniqueId: string;
  /** Why it was not. */
  readonly reason: SuppressionReason;
  /** Whose doing it is. */
  readonly attackerUuid?: string;
  /** Several attackers resolved to one actor. */
  readonly identityUuid?: string;
}

/** Raises the confidence of an attacker's existing tags, once per tag (rule R0058). */
export interface Bump {
  /** Rule that raises. */
  readonly ruleId: string;
  /** Whose tags are raised. */
  readonly attackerUuid: string;
  /** Added to each tag's confidence. */
  readonly by: number;
  /** Confidence is never raised above this. */
  readonly ceiling: number;
}

/** What one tagger event gave. */
export interface Tagging {
  /** Labels, in the order of rule ids. */
  readonly tags: readonly Tag[];
  /** Matches that must not be written. */
  readonly suppressed: readonly Suppression[];
  /** Earlier tags to raise. */
  readonly bumps: readonly Bump[];
}

import type { CommandCondition } from "./command_condition.ts";
import type { SourceKind } from "../source_kind.ts";

/** What a producer sent, as parsed JSON. Nothing about it may be trusted. */
export type Payload = Readonly<Record<string, unknown>>;

/**
 * One test of one payload field. At most one of the operators is present; a
 * missing or non-string field never holds.
 */
export interface FieldCondition {
  /**
   * Payload field to look at; the source kind's default field when absent.
   * `headers.*` is every text inside the object or list `headers`, one a line;
   * `headers.host` is one of them, whatever the case of its name.
   */
  readonly field?: string;
  /** RE2 pattern, searched anywhere in the text. */
  readonly pattern?: string;
  /** Text that the whole field must be. */
  readonly equals?: string;
  /** Text that must occur in the field. */
  readonly contains?: string;
  /** Text that the field must begin with. */
  readonly starts_with?: string;
  /** Text that the field must end with. */
  readonly ends_with?: string;
  /** Texts one of which the whole field must be. */
  readonly in?: readonly string[];
  /** Compare without regard to case; for the operators other than `pattern`. */
  readonly ignore_case?: boolean;
  /** What one of the simple commands of the text must be; it has no `field`. */
  readonly command?: CommandCondition;
}

/**
 * Patterns of a rule. The condition written directly in the group and the
 * groups `any`, `all` and `none` must all hold where present.
 */
export interface PatternMatch extends FieldCondition {
  /** At least one of these must hold. */
  readonly any?: readonly FieldCondition[];
  /** All of these must hold. */
  readonly all?: readonly FieldCondition[];
  /** None of these may hold. */
  readonly none?: readonly FieldCondition[];
}

/** Selects a detector in code; the other keys are that detector's parameters. */
export interface LifterMatch {
  /** `lifter:` followed by the detector's name. */
  readonly kind: `lifter:${string}`;
  /** Parameter of the detector. */
  readonly [parameter: string]: unknown;
}

/** What a rule looks for. */
export type MatchSpec = PatternMatch | LifterMatch;

/** Tells a rule for a detector in code from one with patterns. */
export function isLifterMatch(match: MatchSpec): match is LifterMatch {
  return typeof (match as { kind?: unknown }).kind === "string";
}

/** One technique that a rule claims when it matches. */
export interface Emission {
  /** ATT&CK tactic id, e.g. `TA0007`. */
  readonly tactic: string;
  /** ATT&CK technique id, e.g. `T1548`. */
  readonly technique_id: string;
  /** ATT&CK sub-technique id, e.g. `T1548.001`. */
  readonly sub_technique_id?: string;
  /** From 0 to 1. */
  readonly confidence: number;
}

/** A rule's own example: the default field's text, or a whole payload. */
export type Example = string | Payload;

/** What a rule does not count for, although it matches. */
export interface RuleException {
  /** Said where the exception holds. */
  readonly name: string;
  /** What an event must be for the exception to hold. */
  readonly match: PatternMatch;
}

/** A rule as its YAML file says it, after the schema has accepted it. */
export interface RuleDocument {
  /** `R` and four digits for rules of the pack. */
  readonly rule_id: string;
  /** Raised when the meaning changes; part of the identity of its tags. */
  readonly rule_version: number;
  /** What it finds, in a few words. */
  readonly name: string;
  /** What it finds, why, and what it leaves out. */
  readonly description?: string;
  /** Kinds of event that it looks at. */
  readonly applies_to: readonly SourceKind[];
  /** What it looks for. */
  readonly match: MatchSpec;
  /** Where one of these holds, the rule does not match. */
  readonly except?: readonly RuleException[];
  /** Techniques that it claims. */
  readonly emits: readonly Emission[];
  /** Fields of the payload that are copied to its tags, where their contract allows it. */
  readonly evidence_fields: readonly string[];
  /** Events that it must match, and events that it must not. */
  readonly tests?: { readonly match: readonly Example[]; readonly no_match: readonly Example[] };
  /** Where to read about the behaviour. */
  readonly references?: readonly string[];
  /** Day of the last review, ISO 8601. */
  readonly last_reviewed?: string;
  /** Day on which it should be looked at again, ISO 8601. */
  readonly next_review?: string;
  /** Release of ATT&CK that it was written for. */
  readonly attack_release?: string;
}

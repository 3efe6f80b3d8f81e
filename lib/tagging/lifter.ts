import type { Emission, LifterMatch } from "../rules/format/document.ts";
import type { SourceKind } from "../rules/source_kind.ts";
import type { Payload } from "./event.ts";
import type { Evidence } from "./tag.ts";

/** One technique that a predicate chose out of its rule's `emits`. */
export interface Choice {
  /** Technique or sub-technique id; must be in the rule's `emits`. */
  readonly techniqueId: string;
  /** The rule's confidence is multiplied by this, from 0 to 1. */
  readonly multiplier: number;
}

/** What a predicate saw. */
export interface Finding {
  /** Only keys of the source kind's evidence contract. */
  readonly evidence: Evidence;
  /** The chosen part of the rule's `emits`; all of it, unchanged, when absent. */
  readonly choices?: readonly Choice[];
  /** Present when existing tags are raised instead of a new one written. */
  readonly bump?: { readonly by: number; readonly ceiling: number };
}

/** What a predicate may look at. */
export interface Observation {
  /** Kind of the event. */
  readonly sourceKind: SourceKind;
  /** What the producer said of it. */
  readonly payload: Payload;
}

/**
 * Decides whether one rule matches. Pure and total: an absent or ill-typed
 * field is "nothing", never an error.
 */
export type Predicate = (match: LifterMatch, seen: Observation) => Finding | undefined;

/** A family of detectors that patterns cannot express. */
export interface Lifter {
  /** Name in logs, counters and spans, e.g. `credential`. */
  readonly name: string;
  /** Kinds of event that it is asked about. */
  readonly sourceKinds: readonly SourceKind[];
  /** By the name behind `lifter:` in a rule's `match.kind`. */
  readonly predicates: Readonly<Record<string, Predicate>>;
  /** Predicates that raise existing tags and write none; rules for them emit nothing. */
  readonly raising?: readonly string[];
  /**
   * Reports what of a rule's parameters and `emits` this lifter cannot work
   * with, as one sentence each; run when rules are loaded.
   */
  readonly check?: (match: LifterMatch, emits: readonly Emission[]) => readonly string[];
}

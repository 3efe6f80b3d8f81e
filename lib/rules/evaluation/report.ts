import type { Counts, Scores } from "./figures.ts";

/** A technique that was expected and not found. */
export interface Miss {
  readonly id: string;
  readonly technique: string;
  readonly text: string;
  /** What was found instead. */
  readonly found: readonly string[];
}

/** A technique that was found and should not have been. */
export interface FalseAlarm {
  readonly id: string;
  readonly technique: string;
  readonly ruleIds: readonly string[];
  readonly text: string;
}

/** Figures of one technique over all honeypot lines. */
export interface TechniqueFigures extends Counts, Scores {
  readonly technique: string;
}

/** What one rule did. */
export interface RuleFigures {
  readonly ruleId: string;
  readonly right: number;
  readonly wrong: number;
  /** Ordinary commands that it disturbed. */
  readonly noise: number;
}

/** Everything that a measurement says; `undefined` parts had nothing to be measured on. */
export interface Report {
  readonly tests?: {
    readonly count: number;
    readonly exact: number;
    readonly parent: number;
    readonly exact_recall: number;
    readonly parent_recall: number;
    /** How many tests of each technique there are, and how many were hit. */
    readonly techniques: readonly { technique: string; count: number; exact: number }[];
  };
  readonly honeypot?: Counts & Scores & {
    readonly count: number;
    /** Mean of the techniques that are expected somewhere. */
    readonly macro_f1: number;
    /** Lines on which nothing is expected, and the share of them that stayed clean. */
    readonly clean_count: number;
    readonly clean: number;
  };
  readonly benign?: { readonly count: number; readonly noisy: number; readonly noise: number };
  readonly techniques: readonly TechniqueFigures[];
  readonly rules: readonly RuleFigures[];
  readonly misses: readonly Miss[];
  readonly false_alarms: readonly FalseAlarm[];
}

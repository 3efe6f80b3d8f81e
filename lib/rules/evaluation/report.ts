import type { AbuseGroup } from "./abuse.ts";
import type { CalibrationReport } from "./calibration.ts";
import type { FamilyFigures } from "./families.ts";
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

/** How often one of several things was right. */
export interface Share {
  readonly count: number;
  readonly right: number;
  readonly share: number;
}

/** How tests did, all of them or those of one file. */
export interface TestFigures {
  readonly count: number;
  readonly exact: number;
  readonly parent: number;
  readonly exact_recall: number;
  readonly parent_recall: number;
}

/** Everything that a measurement says; `undefined` parts had nothing to be measured on. */
export interface Report {
  readonly tests?: TestFigures & {
    /** By file. */
    readonly collections: readonly (TestFigures & { readonly name: string })[];
    /** How many tests of each technique there are, and how many were hit. */
    readonly techniques: readonly { technique: string; count: number; exact: number }[];
  };
  readonly honeypot?: Counts & Scores & {
    readonly count: number;
    /** Mean of the techniques that three lines or more are expected to show. */
    readonly macro_f1: number;
    /** How many techniques that is. */
    readonly macro_count: number;
    /** Lines on which nothing is expected, and the share of them that stayed clean. */
    readonly clean_count: number;
    readonly clean: number;
    /** Lines of one family call the same programs. */
    readonly family_count: number;
    readonly families: readonly FamilyFigures[];
  };
  readonly calibration?: CalibrationReport;
  readonly abuse?: {
    readonly groups: Readonly<Partial<Record<AbuseGroup, Share>>>;
    /** Purposes for which no answer is known to be right are counted only. */
    readonly uncounted: number;
  };
  readonly requests?: {
    readonly attack?: Share;
    readonly exploit?: Share;
    /** Ordinary ones with any label. */
    readonly ordinary?: { readonly count: number; readonly noisy: number; readonly noise: number };
  };
  readonly benign?: {
    readonly count: number;
    readonly noisy: number;
    readonly noise: number;
    /** With the techniques that anybody's day is full of. */
    readonly everyday: number;
    readonly everyday_noise: number;
  };
  /** Unlabelled traffic: how much of it has any label. */
  readonly traffic?: {
    readonly distinct: number;
    readonly distinct_labelled: number;
    readonly typed: number;
    readonly typed_labelled: number;
  };
  readonly techniques: readonly TechniqueFigures[];
  readonly rules: readonly RuleFigures[];
  readonly misses: readonly Miss[];
  readonly false_alarms: readonly FalseAlarm[];
}

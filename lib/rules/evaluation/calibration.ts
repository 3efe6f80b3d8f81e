import { share } from "./figures.ts";
import { byTechnique, compareIds, entryOf, type Label } from "./label.ts";

/** Lower ends of the buckets; what is below the first is not written as a tag. */
const BUCKETS = [0.3, 0.6, 0.8, 0.9];

/** Matches with one range of confidence, and how many of them an analyst would have written down. */
export interface CalibrationBucket {
  readonly from: number;
  /** Exclusive; 1 is inside the last one. */
  readonly to: number;
  readonly matches: number;
  /** Expected of the line. */
  readonly right: number;
  /** Defensible, not expected. */
  readonly defensible: number;
  readonly wrong: number;
  /** Right ones among all. */
  readonly share: number;
}

/** The same for one emission of one rule: its confidence should be its share. */
export interface EmissionCalibration {
  readonly ruleId: string;
  readonly technique: string;
  readonly confidence: number;
  readonly matches: number;
  readonly right: number;
  readonly defensible: number;
  readonly wrong: number;
  readonly share: number;
}

/** How confidences compare with what was right on attackers' commands. */
export interface CalibrationReport {
  readonly buckets: readonly CalibrationBucket[];
  readonly emissions: readonly EmissionCalibration[];
}

type Verdict = "right" | "defensible" | "wrong";

type Tally = Record<Verdict, number>;

/** Counts, for each confidence, how often it was right. */
export class Calibration {
  readonly #buckets = new Map<number, Tally>();
  readonly #emissions = new Map<string, Tally & { readonly label: Label }>();

  /**
   * Counts the labels of one line, whatever the floor. A technique that several
   * rules give counts once in the buckets, with the greatest confidence.
   */
  add(labels: readonly Label[], must: ReadonlySet<string>, may: ReadonlySet<string>): void {
    const verdictOf = (technique: string): Verdict =>
      must.has(technique) ? "right" : may.has(technique) ? "defensible" : "wrong";
    for (const [technique, { confidence }] of byTechnique(labels, BUCKETS[0] ?? 0)) {
      const from = BUCKETS.findLast((bucket) => bucket <= confidence) ?? 0;
      entryOf(this.#buckets, from, emptyTally)[verdictOf(technique)] += 1;
    }
    const seen = new Set<string>();
    for (const label of labels) {
      const key = `${label.ruleId} ${label.technique} ${label.confidence}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const tally = entryOf(this.#emissions, key, () => ({ ...emptyTally(), label }));
      tally[verdictOf(label.technique)] += 1;
    }
  }

  /** What has been counted; emissions that matched most come first. */
  report(): CalibrationReport {
    return {
      buckets: BUCKETS.map((from, index) => ({
        from,
        to: BUCKETS[index + 1] ?? 1,
        ...counted(this.#buckets.get(from) ?? emptyTally()),
      })),
      emissions: [...this.#emissions.values()].map(({ label, ...tally }) => ({
        ruleId: label.ruleId,
        technique: label.technique,
        confidence: label.confidence,
        ...counted(tally),
      })).sort((a, b) => b.matches - a.matches || compareIds(a.ruleId, b.ruleId)),
    };
  }
}

function emptyTally(): Tally {
  return { right: 0, defensible: 0, wrong: 0 };
}

function counted({ right, defensible, wrong }: Tally) {
  const matches = right + defensible + wrong;
  return { matches, right, defensible, wrong, share: share(right, matches) };
}

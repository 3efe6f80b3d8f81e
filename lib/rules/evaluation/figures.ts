/** Right, wrong and missing answers. */
export interface Counts {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
}

/** Shares from 0 to 1; 1 where there was nothing to get wrong. */
export interface Scores {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision, recall and their harmonic mean. */
export function scores({ right, wrong, missed }: Counts): Scores {
  return {
    precision: share(right, right + wrong),
    recall: share(right, right + missed),
    f1: share(2 * right, 2 * right + wrong + missed),
  };
}

/** Part of a whole; 1 of nothing. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole;
}

/** Arithmetic mean; 1 of nothing. */
export function mean(values: readonly number[]): number {
  return share(values.reduce((sum, value) => sum + value, 0), values.length);
}

import { Calibration, type CalibrationReport } from "./calibration.ts";
import type { HoneypotItem } from "./corpus.ts";
import { Families } from "./families.ts";
import { mean, scores, share } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { byTechnique, compareIds, entryOf, type Label } from "./label.ts";
import type { Report, TechniqueFigures } from "./report.ts";

/** A technique counts for the mean from so many lines on: below, one line decides its figure. */
const MACRO_LINES = 3;

type Tally = { right: number; wrong: number; missed: number };

/** Counts how rules do on labelled lines of honeypots. */
export class HoneypotLines {
  readonly #techniques = new Map<string, Tally>();
  readonly #families = new Families();
  readonly #calibration = new Calibration();
  readonly #total = { count: 0, right: 0, wrong: 0, missed: 0, cleanCount: 0, clean: 0 };

  /** Counts one line. */
  add(
    { id, text, must, may }: HoneypotItem,
    labels: readonly Label[],
    floor: number,
    findings: Findings,
  ): void {
    this.#calibration.add(labels, must, may);
    const found = byTechnique(labels, floor);
    const line = { right: 0, wrong: 0, missed: 0 };
    for (const technique of must) {
      const one = found.get(technique);
      if (one === undefined) {
        this.#count(technique, "missed", line);
        findings.missed(id, technique, text, found.keys());
      } else {
        this.#count(technique, "right", line);
        findings.right(one);
      }
    }
    for (const [technique, one] of found) {
      if (must.has(technique) || may.has(technique)) continue;
      this.#count(technique, "wrong", line);
      findings.wrong(id, technique, text, one);
    }
    const total = this.#total;
    total.count += 1;
    total.right += line.right;
    total.wrong += line.wrong;
    total.missed += line.missed;
    this.#families.add(text, line.right, line.wrong, line.missed);
    if (must.size > 0) return;
    total.cleanCount += 1;
    if (line.wrong === 0) total.clean += 1;
  }

  #count(technique: string, verdict: keyof Tally, line: Tally): void {
    line[verdict] += 1;
    entryOf(this.#techniques, technique, () => ({ right: 0, wrong: 0, missed: 0 }))[verdict] += 1;
  }

  /** Figures of each technique, the weakest first. */
  get techniques(): readonly TechniqueFigures[] {
    return [...this.#techniques]
      .map(([technique, tally]) => ({ technique, ...tally, ...scores(tally) }))
      .sort((a, b) => a.f1 - b.f1 || compareIds(a.technique, b.technique));
  }

  /** How confidences compare with what was right; nothing without lines. */
  get calibration(): CalibrationReport | undefined {
    return this.#total.count === 0 ? undefined : this.#calibration.report();
  }

  /** Figures over all lines; nothing without lines. */
  report(): Report["honeypot"] {
    const { count, cleanCount, clean, ...counts } = this.#total;
    if (count === 0) return undefined;
    const counted = this.techniques.filter(({ right, missed }) => right + missed >= MACRO_LINES);
    const { count: familyCount, families } = this.#families.report();
    return {
      count,
      ...counts,
      ...scores(counts),
      macro_f1: mean(counted.map(({ f1 }) => f1)),
      macro_count: counted.length,
      clean_count: cleanCount,
      clean: share(clean, cleanCount),
      family_count: familyCount,
      families,
    };
  }
}

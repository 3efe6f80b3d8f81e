import type { BenignItem, CorpusItem, HoneypotItem, TestItem } from "./corpus.ts";
import { mean, scores, share } from "./figures.ts";
import type { FalseAlarm, Miss, Report } from "./report.ts";

/** One label that the rules gave to a text. */
export interface Label {
  /** Sub-technique where there is one, else technique. */
  readonly technique: string;
  readonly tactic: string;
  readonly confidence: number;
  readonly ruleId: string;
}

/** From here on a label on an ordinary command is noise. */
export const NOISE_CONFIDENCE = 0.6;

/** Discovery and Reconnaissance: what administrators do all day, and no noise. */
const QUIET_TACTICS: ReadonlySet<string> = new Set(["TA0007", "TA0043"]);

type Tally = { right: number; wrong: number; missed: number };

/** Counts how rules do on a labelled corpus. */
export class Measurement {
  readonly #label: (text: string) => readonly Label[];
  readonly #techniques = new Map<string, Tally>();
  readonly #expected = new Set<string>();
  readonly #rules = new Map<string, { right: number; wrong: number; noise: number }>();
  readonly #misses: Miss[] = [];
  readonly #falseAlarms: FalseAlarm[] = [];
  readonly #tests = { count: 0, exact: 0, parent: 0 };
  readonly #testTechniques = new Map<string, { count: number; exact: number }>();
  readonly #honeypot = { count: 0, right: 0, wrong: 0, missed: 0, cleanCount: 0, clean: 0 };
  readonly #benign = { count: 0, noisy: 0 };

  /** @param label gives the labels of one text */
  constructor(label: (text: string) => readonly Label[]) {
    this.#label = label;
  }

  /** Measures one item. */
  add(item: CorpusItem): void {
    if (item.type === "honeypot") this.#addHoneypot(item);
    else if (item.type === "test") this.#addTest(item);
    else this.#addBenign(item);
  }

  #addHoneypot({ id, text, must, may }: HoneypotItem): void {
    const found = rulesByTechnique(this.#label(text));
    const total = this.#honeypot;
    total.count += 1;
    let wrong = 0;
    for (const technique of must) {
      this.#expected.add(technique);
      const ruleIds = found.get(technique);
      if (ruleIds === undefined) {
        total.missed += 1;
        this.#technique(technique).missed += 1;
        this.#misses.push({ id, technique, text, found: [...found.keys()] });
      } else {
        total.right += 1;
        this.#technique(technique).right += 1;
        for (const ruleId of ruleIds) this.#rule(ruleId).right += 1;
      }
    }
    for (const [technique, ruleIds] of found) {
      if (must.has(technique) || may.has(technique)) continue;
      wrong += 1;
      this.#technique(technique).wrong += 1;
      for (const ruleId of ruleIds) this.#rule(ruleId).wrong += 1;
      this.#falseAlarms.push({ id, technique, ruleIds, text });
    }
    total.wrong += wrong;
    if (must.size > 0) return;
    total.cleanCount += 1;
    if (wrong === 0) total.clean += 1;
  }

  #addTest({ id, technique, lines }: TestItem): void {
    const found = rulesByTechnique(lines.flatMap((line) => this.#label(line)));
    this.#tests.count += 1;
    const ofTechnique = entry(this.#testTechniques, technique, { count: 0, exact: 0 });
    ofTechnique.count += 1;
    const ruleIds = found.get(technique);
    if (ruleIds !== undefined) {
      this.#tests.exact += 1;
      ofTechnique.exact += 1;
      for (const ruleId of ruleIds) this.#rule(ruleId).right += 1;
    } else {
      this.#misses.push({ id, technique, text: lines.join("\n"), found: [...found.keys()] });
    }
    const parent = parentOf(technique);
    if ([...found.keys()].some((other) => parentOf(other) === parent)) this.#tests.parent += 1;
  }

  #addBenign({ id, text }: BenignItem): void {
    const loud = this.#label(text).filter(({ confidence, tactic }) =>
      confidence >= NOISE_CONFIDENCE && !QUIET_TACTICS.has(tactic)
    );
    this.#benign.count += 1;
    if (loud.length === 0) return;
    this.#benign.noisy += 1;
    for (const ruleId of new Set(loud.map((label) => label.ruleId))) this.#rule(ruleId).noise += 1;
    for (const [technique, ruleIds] of rulesByTechnique(loud)) {
      this.#falseAlarms.push({ id, technique, ruleIds, text });
    }
  }

  /** What has been found so far. */
  report(): Report {
    const { count, cleanCount, clean, ...counts } = this.#honeypot;
    const techniques = [...this.#techniques]
      .map(([technique, tally]) => ({ technique, ...tally, ...scores(tally) }))
      .sort((a, b) => a.f1 - b.f1 || compare(a.technique, b.technique));
    const expected = techniques.filter(({ technique }) => this.#expected.has(technique));
    const { noisy, count: benignCount } = this.#benign;
    const { exact, parent, count: testCount } = this.#tests;
    return {
      ...(testCount > 0 && {
        tests: {
          count: testCount,
          exact,
          parent,
          exact_recall: share(exact, testCount),
          parent_recall: share(parent, testCount),
          techniques: [...this.#testTechniques]
            .map(([technique, tally]) => ({ technique, ...tally }))
            .sort((a, b) => compare(a.technique, b.technique)),
        },
      }),
      ...(count > 0 && {
        honeypot: {
          count,
          ...counts,
          ...scores(counts),
          macro_f1: mean(expected.map(({ f1 }) => f1)),
          clean_count: cleanCount,
          clean: share(clean, cleanCount),
        },
      }),
      ...(benignCount > 0 && {
        benign: { count: benignCount, noisy, noise: noisy / benignCount },
      }),
      techniques,
      rules: [...this.#rules].map(([ruleId, tally]) => ({ ruleId, ...tally }))
        .sort((a, b) => b.wrong + b.noise - a.wrong - a.noise || compare(a.ruleId, b.ruleId)),
      misses: this.#misses,
      false_alarms: this.#falseAlarms,
    };
  }

  #technique(technique: string): Tally {
    return entry(this.#techniques, technique, { right: 0, wrong: 0, missed: 0 });
  }

  #rule(ruleId: string): { right: number; wrong: number; noise: number } {
    return entry(this.#rules, ruleId, { right: 0, wrong: 0, noise: 0 });
  }
}

function entry<T>(map: Map<string, T>, key: string, fresh: T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, fresh);
  return fresh;
}

/** Which rules gave each technique. */
function rulesByTechnique(labels: readonly Label[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { technique, ruleId } of labels) {
    const ruleIds = entry<string[]>(found, technique, []);
    if (!ruleIds.includes(ruleId)) ruleIds.push(ruleId);
  }
  return found;
}

function parentOf(technique: string): string {
  return technique.replace(/\..*$/, "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

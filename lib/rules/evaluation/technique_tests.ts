import type { TestItem } from "./corpus.ts";
import { share } from "./figures.ts";
import type { Findings } from "./findings.ts";
import { byTechnique, compareIds, entryOf, type Label, parentOf } from "./label.ts";
import type { Report, TestFigures } from "./report.ts";

type Tally = { count: number; exact: number; parent: number };

/** Counts how many tests show the technique that they are made for. */
export class TechniqueTests {
  readonly #collections = new Map<string, Tally>();
  readonly #techniques = new Map<string, { count: number; exact: number }>();

  /**
   * Counts one test.
   *
   * @param collection file that it comes from
   */
  add(
    { id, technique, lines }: TestItem,
    collection: string,
    labels: readonly Label[],
    floor: number,
    findings: Findings,
  ): void {
    const found = byTechnique(labels, floor);
    const tally = entryOf(this.#collections, collection, () => ({ count: 0, exact: 0, parent: 0 }));
    const ofTechnique = entryOf(this.#techniques, technique, () => ({ count: 0, exact: 0 }));
    tally.count += 1;
    ofTechnique.count += 1;
    const exact = found.get(technique);
    if (exact === undefined) findings.missed(id, technique, lines.join("\n"), found.keys());
    else {
      tally.exact += 1;
      ofTechnique.exact += 1;
      findings.right(exact);
    }
    const parent = parentOf(technique);
    if ([...found.keys()].some((other) => parentOf(other) === parent)) tally.parent += 1;
  }

  /** Figures over all tests and by collection; nothing without tests. */
  report(): Report["tests"] {
    const tallies = [...this.#collections];
    if (tallies.length === 0) return undefined;
    const sum = (key: keyof Tally) => tallies.reduce((total, [, tally]) => total + tally[key], 0);
    return {
      ...figuresOf({ count: sum("count"), exact: sum("exact"), parent: sum("parent") }),
      collections: tallies.map(([name, tally]) => ({ name, ...figuresOf(tally) })),
      techniques: [...this.#techniques].map(([technique, tally]) => ({ technique, ...tally }))
        .sort((a, b) => compareIds(a.technique, b.technique)),
    };
  }
}

function figuresOf(tally: Tally): TestFigures {
  const { count, exact, parent } = tally;
  return { ...tally, exact_recall: share(exact, count), parent_recall: share(parent, count) };
}

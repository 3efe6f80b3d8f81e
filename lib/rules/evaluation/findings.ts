import { compareIds, entryOf, type Found } from "./label.ts";
import type { FalseAlarm, Miss, RuleFigures } from "./report.ts";

/** Collects what was missed, what was said wrongly, and which rules said what. */
export class Findings {
  readonly misses: Miss[] = [];
  readonly falseAlarms: FalseAlarm[] = [];
  readonly #rules = new Map<string, { right: number; wrong: number; noise: number }>();

  /** A technique was found where it was expected. */
  right({ ruleIds }: Found): void {
    for (const ruleId of ruleIds) this.#rule(ruleId).right += 1;
  }

  /** A technique was expected and not found. */
  missed(id: string, technique: string, text: string, found: Iterable<string>): void {
    this.misses.push({ id, technique, text, found: [...found] });
  }

  /** A technique was found where it should not have been. */
  wrong(id: string, technique: string, text: string, { ruleIds }: Found): void {
    for (const ruleId of ruleIds) this.#rule(ruleId).wrong += 1;
    this.falseAlarms.push({ id, technique, ruleIds, text });
  }

  /** Something ordinary was labelled. */
  noise(id: string, text: string, found: ReadonlyMap<string, Found>): void {
    const rules = new Set([...found.values()].flatMap(({ ruleIds }) => ruleIds));
    for (const ruleId of rules) this.#rule(ruleId).noise += 1;
    for (const [technique, { ruleIds }] of found) {
      this.falseAlarms.push({ id, technique, ruleIds, text });
    }
  }

  /** What each rule did; those that were wrong most often come first. */
  get rules(): readonly RuleFigures[] {
    return [...this.#rules].map(([ruleId, tally]) => ({ ruleId, ...tally }))
      .sort((a, b) => b.wrong + b.noise - a.wrong - a.noise || compareIds(a.ruleId, b.ruleId));
  }

  #rule(ruleId: string): { right: number; wrong: number; noise: number } {
    return entryOf(this.#rules, ruleId, () => ({ right: 0, wrong: 0, noise: 0 }));
  }
}

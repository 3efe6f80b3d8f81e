/**
 * Named counts of what happened since the start, each with an optional label
 * such as a subject. Nothing is dropped anywhere without a count here.
 */
export class Counters {
  readonly #counts = new Map<string, Map<string, number>>();

  /**
   * Counts something.
   *
   * @param name what happened, in snake_case
   * @param label what it happened to; the same name may be counted under several labels
   * @param by how often
   */
  add(name: string, label = "", by = 1): void {
    let labels = this.#counts.get(name);
    if (labels === undefined) this.#counts.set(name, labels = new Map());
    // Labels may come from outside: past the bound they share one, so that the total stays right.
    const kept = labels.has(label) || labels.size < MAX_LABELS ? label : OTHER;
    labels.set(kept, (labels.get(kept) ?? 0) + by);
  }

  /** Adds all counts of another set to this one. */
  merge(other: Counters): void {
    for (const [name, labels] of other.#counts) {
      for (const [label, count] of labels) this.add(name, label, count);
    }
  }

  /** Everything counted so far, by name and label. */
  entries(): ReadonlyMap<string, ReadonlyMap<string, number>> {
    return this.#counts;
  }

  /** The count under a name, summed over its labels. */
  total(name: string): number {
    let total = 0;
    for (const count of this.#counts.get(name)?.values() ?? []) total += count;
    return total;
  }

  /** The counts under a name by label. */
  byLabel(name: string): ReadonlyMap<string, number> {
    return this.#counts.get(name) ?? new Map();
  }
}

const MAX_LABELS = 1000;
const OTHER = "other";

import type { Payload } from "../format/document.ts";

/** One label that the rules gave to something. */
export interface Label {
  /** Sub-technique where there is one, else technique. */
  readonly technique: string;
  readonly tactic: string;
  readonly confidence: number;
  readonly ruleId: string;
}

/** Gives the labels of what is measured, at whatever confidence. */
export interface Labeller {
  /** Of commands typed one after the other in one session. */
  commands(lines: readonly string[]): readonly Label[];
  /** Of requests made one after the other in one session. */
  requests(requests: readonly Payload[]): readonly Label[];
}

/** What is said of one technique. */
export interface Found {
  /** The greatest that any rule gave. */
  readonly confidence: number;
  readonly ruleIds: readonly string[];
}

/** Labels by technique; those below the floor do not count. */
export function byTechnique(
  labels: readonly Label[],
  floor: number,
): ReadonlyMap<string, Found> {
  const found = new Map<string, { confidence: number; ruleIds: string[] }>();
  for (const { technique, confidence, ruleId } of labels) {
    if (confidence < floor) continue;
    const known = found.get(technique);
    if (known === undefined) found.set(technique, { confidence, ruleIds: [ruleId] });
    else {
      known.confidence = Math.max(known.confidence, confidence);
      if (!known.ruleIds.includes(ruleId)) known.ruleIds.push(ruleId);
    }
  }
  return found;
}

/** The technique without its sub-technique. */
export function parentOf(technique: string): string {
  return technique.replace(/\..*$/, "");
}

/** The entry of a key, made when it is first asked for. */
export function entryOf<K, T>(map: Map<K, T>, key: K, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Order of identifiers. */
export function compareIds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

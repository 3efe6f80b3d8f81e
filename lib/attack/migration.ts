import type { Matrix } from "./matrix.ts";

/** ATT&CK 19 replaced these techniques of earlier releases: old id, then new id. */
const REPLACED_IN_19: readonly (readonly [before: string, since: string])[] = [
  ["T1562", "T1685"],
  ["T1562.001", "T1685"],
  ["T1562.002", "T1685.001"],
  ["T1562.003", "T1690"],
  ["T1562.004", "T1686"],
  ["T1562.006", "T1685"],
  ["T1562.007", "T1686.001"],
  ["T1562.008", "T1685.002"],
  ["T1562.009", "T1688"],
  ["T1562.010", "T1689"],
  ["T1562.011", "T1685.003"],
  ["T1562.012", "T1685.004"],
  ["T1562.013", "T1686.002"],
  ["T1070.001", "T1685.005"],
  ["T1070.002", "T1685.006"],
  ["T1656", "T1684.001"],
  ["T1672", "T1684.002"],
];

/** Where several old ids became one, the way back is the most specific that fits a Linux host. */
const BACK_TO_18: Readonly<Record<string, string>> = { T1685: "T1562.001" };

/** One technique as a rule names it. */
export interface TechniqueRef {
  readonly tactic: string;
  readonly technique_id: string;
  readonly sub_technique_id?: string | undefined;
}

/** What became of a reference, and why. */
export interface Migrated {
  readonly reference: TechniqueRef;
  /** One sentence for each change; empty when the reference already holds. */
  readonly notices: readonly string[];
}

/**
 * Rewrites a reference to the ids of the given release: replaced techniques by
 * their successors (or back), and a tactic that the technique has left by one
 * that it has. What it cannot mend it leaves for the check to report.
 *
 * @param matrix release that the reference shall hold in
 */
export function migrate(matrix: Matrix, reference: TechniqueRef): Migrated {
  const notices: string[] = [];
  const before = reference.sub_technique_id ?? reference.technique_id;
  const id = currentId(matrix, before);
  if (id !== before) notices.push(`${before} is ${id} in ATT&CK ${matrix.release}`);
  const technique = matrix.technique(id);
  if (technique === undefined || technique.revoked) return { reference, notices: [] };
  let tactic = reference.tactic;
  if (!technique.tactics.includes(tactic)) {
    const home = homeTactic(technique.tactics, tactic);
    if (home !== undefined) {
      notices.push(`${id} stands under ${home}, not ${tactic}, in ATT&CK ${matrix.release}`);
      tactic = home;
    }
  }
  if (notices.length === 0) return { reference, notices };
  const { parentId } = technique;
  return {
    reference: parentId === undefined
      ? { tactic, technique_id: id }
      : { tactic, technique_id: parentId, sub_technique_id: id },
    notices,
  };
}

function currentId(matrix: Matrix, id: string): string {
  const known = matrix.technique(id);
  if (known !== undefined && !known.revoked) return id;
  const chain = matrix.successors(id);
  const forward = chain.at(-1) ?? REPLACED_IN_19.find(([before]) => before === id)?.[1];
  if (forward !== undefined && isUsable(matrix, forward)) return forward;
  const back = BACK_TO_18[id] ?? REPLACED_IN_19.find(([, since]) => since === id)?.[0];
  return back !== undefined && isUsable(matrix, back) ? back : id;
}

function isUsable(matrix: Matrix, id: string): boolean {
  const technique = matrix.technique(id);
  return technique !== undefined && !technique.revoked && !technique.deprecated;
}

/** Stealth and Defense Impairment are the two halves of what was Defense Evasion. */
function homeTactic(tactics: readonly string[], left: string): string | undefined {
  const halves = ["TA0005", "TA0112"];
  if (halves.includes(left)) {
    const other = tactics.find((tactic) => halves.includes(tactic));
    if (other !== undefined) return other;
  }
  return tactics.length === 1 ? tactics[0] : undefined;
}

import type { Attack, Matrix } from "../../attack/matrix.ts";

/** What a stored tag says about ATT&CK. */
export interface Attributed {
  readonly tactic: string;
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  readonly attackRelease: string;
}

/** Names of stored ids, as the loaded release of their domain has them; empty for unknown ones. */
export function namesOf(
  attack: Attack,
  { tactic, techniqueId, subTechniqueId, attackRelease }: Attributed,
): { readonly technique: string; readonly tactic: string } {
  const matrix = matrixOf(attack, attackRelease);
  return {
    technique: matrix.technique(subTechniqueId ?? techniqueId)?.name ?? "",
    tactic: matrix.tactic(tactic)?.name ?? "",
  };
}

function matrixOf({ enterprise, ics }: Attack, release: string): Matrix {
  return release.startsWith("ics-") ? ics : enterprise;
}

import type { Attack, Matrix, Tactic, Technique } from "../attack/matrix.ts";

/** What names of ATT&CK an export needs of a tag. */
export interface Labelled {
  readonly techniqueId: string;
  readonly subTechniqueId?: string;
  readonly attackRelease: string;
}

/** The release of a tag's domain that is loaded, be it newer or older than the tag's own. */
export function matrixOf({ enterprise, ics }: Attack, { attackRelease }: Labelled): Matrix {
  return attackRelease.startsWith("ics-") ? ics : enterprise;
}

/** The technique or sub-technique of a tag, as far as the loaded release has it. */
export function techniqueOf(attack: Attack, labelled: Labelled): Technique | undefined {
  return matrixOf(attack, labelled).technique(labelled.subTechniqueId ?? labelled.techniqueId);
}

/** The tactic of a tag, as far as the loaded release has it. */
export function tacticOf(
  attack: Attack,
  labelled: Labelled & { readonly tactic: string },
): Tactic | undefined {
  return matrixOf(attack, labelled).tactic(labelled.tactic);
}

/** A sub-technique's name without that of its parent, as MITRE's own objects have it. */
export function ownName(attack: Attack, labelled: Labelled): string {
  const name = techniqueOf(attack, labelled)?.name ?? "";
  const parent = matrixOf(attack, labelled).technique(labelled.techniqueId)?.name;
  const prefix = `${parent}: `;
  return labelled.subTechniqueId !== undefined && name.startsWith(prefix)
    ? name.slice(prefix.length)
    : name;
}

/** A release without its domain, `19.1` of `enterprise-19.1`. */
export function releaseVersion(attackRelease: string): string {
  return attackRelease.slice(attackRelease.lastIndexOf("-") + 1);
}

import type { Matrix, Technique } from "./matrix.ts";
import { nearest } from "./spelling.ts";

/** What a rule says that it emits. */
export interface ClaimedEmission {
  readonly tactic: string;
  readonly technique_id: string;
  readonly sub_technique_id?: string | undefined;
}

/** One thing that is wrong with a claimed emission. */
export interface EmissionFault {
  readonly field: "tactic" | "technique_id" | "sub_technique_id";
  /** Stable machine-readable code. */
  readonly code:
    | "unknown_tactic"
    | "unknown_technique"
    | "revoked_technique"
    | "deprecated_technique"
    | "wrong_level"
    | "wrong_parent"
    | "foreign_tactic";
  /** What is wrong. */
  readonly message: string;
  /** What to do, when that can be said. */
  readonly remedy?: string;
}

/**
 * Proves what a rule emits against the loaded release: the tactic exists, the
 * technique exists and is in use, the sub-technique is its child, and the
 * technique belongs to the tactic.
 *
 * @returns everything that is wrong; empty when it holds
 */
export function checkEmission(
  matrix: Matrix,
  emission: ClaimedEmission,
): readonly EmissionFault[] {
  const { tactic, technique_id: techniqueId, sub_technique_id: subId } = emission;
  const faults: EmissionFault[] = [];
  const knownTactic = matrix.tactic(tactic);
  if (knownTactic?.id !== tactic) faults.push(unknownTactic(matrix, tactic));
  const technique = checkLevel(matrix, "technique_id", techniqueId, faults);
  const sub = subId === undefined
    ? undefined
    : checkLevel(matrix, "sub_technique_id", subId, faults);
  if (subId !== undefined && sub !== undefined && sub.parentId !== techniqueId) {
    faults.push({
      field: "sub_technique_id",
      code: "wrong_parent",
      message: `sub_technique_id ${quoted(subId)} is not a sub-technique of ${techniqueId}`,
      remedy: `its parent is ${sub.parentId}`,
    });
  }
  const placed = sub ?? (subId === undefined ? technique : undefined);
  if (placed !== undefined && knownTactic?.id === tactic && !placed.tactics.includes(tactic)) {
    faults.push({
      field: "tactic",
      code: "foreign_tactic",
      message: `tactic ${quoted(tactic)} (${knownTactic.name}) is not one of ${placed.id} in ` +
        `ATT&CK ${matrix.release}`,
      remedy: `it belongs to ${tacticNames(matrix, placed)}`,
    });
  }
  return faults;
}

/**
 * Proves that a technique or sub-technique exists in the loaded release and is in use.
 *
 * @param field how the text is named in the message
 */
export function checkTechnique(
  matrix: Matrix,
  id: string,
  field: EmissionFault["field"] = "technique_id",
): EmissionFault | undefined {
  const technique = matrix.technique(id);
  if (technique === undefined) return unknownTechnique(matrix, field, id);
  const message = (what: string): string =>
    `${field} ${quoted(id)} (${technique.name}) is ${what} in ATT&CK ${matrix.release}`;
  if (technique.revoked) {
    const successor = matrix.successors(id).at(-1);
    return {
      field,
      code: "revoked_technique",
      message: message("revoked"),
      ...(successor !== undefined && {
        remedy: `its successor is ${successor} (${matrix.technique(successor)?.name})`,
      }),
    };
  }
  if (technique.deprecated) {
    return {
      field,
      code: "deprecated_technique",
      message: message("deprecated"),
      remedy: "choose a technique that is in use",
    };
  }
  return undefined;
}

/** The technique, when it is in use and stands on the level that its field asks for. */
function checkLevel(
  matrix: Matrix,
  field: "technique_id" | "sub_technique_id",
  id: string,
  faults: EmissionFault[],
): Technique | undefined {
  const fault = checkTechnique(matrix, id, field);
  if (fault !== undefined) {
    faults.push(fault);
    return undefined;
  }
  const technique = matrix.technique(id)!;
  const isSub = technique.parentId !== undefined;
  if (isSub === (field === "sub_technique_id")) return technique;
  faults.push({
    field,
    code: "wrong_level",
    message: `${field} ${quoted(id)} is a ${isSub ? "sub-technique" : "technique"}`,
    remedy: isSub
      ? `write technique_id: ${technique.parentId} and sub_technique_id: ${id}`
      : `a sub-technique has a number behind a dot, e.g. ${id}.001`,
  });
  return undefined;
}

function unknownTactic(matrix: Matrix, tactic: string): EmissionFault {
  const meant = matrix.tactic(tactic)?.id ??
    nearest(tactic, matrix.tactics.map((known) => known.id));
  return {
    field: "tactic",
    code: "unknown_tactic",
    message: `tactic ${quoted(tactic)} is not in ATT&CK ${matrix.release}`,
    ...(meant !== undefined && { remedy: didYouMean(meant) }),
  };
}

function unknownTechnique(
  matrix: Matrix,
  field: EmissionFault["field"],
  id: string,
): EmissionFault {
  const inUse = matrix.techniques.filter((known) => !known.revoked && !known.deprecated);
  const meant = nearest(id, inUse.map((known) => known.id));
  return {
    field,
    code: "unknown_technique",
    message: `${field} ${quoted(id)} is not in ATT&CK ${matrix.release}`,
    ...(meant !== undefined && { remedy: didYouMean(meant) }),
  };
}

function tacticNames(matrix: Matrix, technique: Technique): string {
  return technique.tactics.map((id) => `${id} (${matrix.tactic(id)?.name})`).join(", ");
}

function didYouMean(id: string): string {
  return `did you mean ${id}?`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

import type { Attack, Matrix, Technique } from "../../attack/matrix.ts";
import type { Summary, TechniqueSummary } from "../../store/queries/summaries.ts";
import { together } from "../../store/queries/sums.ts";
import { matrixOf, ownName } from "../named.ts";

/** A sub-technique in its technique's cell. */
export interface SubCell extends Summary {
  readonly id: string;
  /** Without the name of the technique; empty when the loaded release does not have it. */
  readonly name: string;
}

/** A technique under one tactic; its sums hold those of its sub-techniques. */
export interface Cell extends Summary {
  readonly id: string;
  readonly name: string;
  /** Its page on MITRE's site; nothing when the loaded release does not have it. */
  readonly url?: string;
  /** Tags that name no sub-technique. */
  readonly own?: Summary;
  /** Most tags first. */
  readonly subs: readonly SubCell[];
}

/** A tactic with its techniques. */
export interface TacticColumn {
  readonly id: string;
  readonly name: string;
  readonly url?: string;
  readonly tags: number;
  /** Those that were seen, most tags first. */
  readonly cells: readonly Cell[];
  /** Those of the loaded release that were not. */
  readonly unseen: readonly Technique[];
}

/** The matrices of all domains that have tags; Enterprise when none has. */
export function domainTactics(
  attack: Attack,
  summaries: readonly TechniqueSummary[],
): readonly { readonly domain: string; readonly columns: readonly TacticColumn[] }[] {
  const byMatrix = Map.groupBy(summaries, (summary) => matrixOf(attack, summary));
  return [attack.enterprise, attack.ics]
    .filter((matrix) =>
      byMatrix.has(matrix) || (byMatrix.size === 0 && matrix === attack.enterprise)
    )
    .map((matrix) => ({
      domain: matrix === attack.ics ? "ICS" : "Enterprise",
      columns: columnsOf(attack, matrix, byMatrix.get(matrix) ?? []),
    }));
}

/** Tactics in the order of the matrix, then those of tags that the loaded release does not have. */
function columnsOf(
  attack: Attack,
  matrix: Matrix,
  summaries: readonly TechniqueSummary[],
): readonly TacticColumn[] {
  const byTactic = Map.groupBy(summaries, ({ tactic }) => tactic);
  const known = matrix.tactics.map(({ id }) => id);
  const foreign = [...byTactic.keys()].filter((id) => !known.includes(id)).sort();
  return [...known, ...foreign].map((id) => {
    const tactic = matrix.tactic(id);
    const cells = cellsOf(attack, byTactic.get(id) ?? []);
    const seen = new Set(cells.map((cell) => cell.id));
    return {
      id,
      name: tactic?.name ?? "",
      ...(tactic !== undefined && { url: tactic.url }),
      tags: cells.reduce((sum, { tags }) => sum + tags, 0),
      cells,
      unseen: matrix.techniques.filter((technique) =>
        technique.parentId === undefined && !technique.revoked && !technique.deprecated &&
        technique.tactics.includes(id) && !seen.has(technique.id)
      ),
    };
  });
}

function cellsOf(attack: Attack, summaries: readonly TechniqueSummary[]): readonly Cell[] {
  const byTechnique = Map.groupBy(summaries, ({ techniqueId }) => techniqueId);
  return Array.from(byTechnique, ([id, ofOne]) => {
    const bySub = Map.groupBy(ofOne, ({ subTechniqueId }) => subTechniqueId);
    const technique = matrixOf(attack, ofOne[0]!).technique(id);
    const own = bySub.get(undefined);
    const subs = Array.from(bySub).flatMap(([sub, ofSub]): readonly SubCell[] =>
      sub === undefined ? [] : [{ id: sub, name: ownName(attack, ofSub[0]!), ...together(ofSub) }]
    );
    return {
      id,
      name: technique?.name ?? "",
      ...(technique !== undefined && { url: technique.url }),
      ...together(ofOne),
      ...(own !== undefined && { own: together(own) }),
      subs: subs.sort(byTags),
    };
  }).sort(byTags);
}

function byTags(
  a: { readonly tags: number; readonly id: string },
  b: { readonly tags: number; readonly id: string },
): number {
  return b.tags - a.tags || (a.id < b.id ? -1 : 1);
}

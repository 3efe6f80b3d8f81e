import { checkEmission, checkTechnique } from "../../attack/emission.ts";
import type { Attack, Matrix } from "../../attack/matrix.ts";
import { type Emission, isLifterMatch } from "./document.ts";
import type { IntelTable } from "./intel_table.ts";
import type { Problem } from "./problem.ts";
import type { Rule } from "../rule.ts";
import { type Fault, ruleProblem, type Sources } from "./rule_problem.ts";
import { type Path, pathText, type YamlSource } from "./yaml_source.ts";

/** The matrix that an emission speaks of: ICS when only that one has its tactic. */
export function matrixOf(attack: Attack, { tactic }: Pick<Emission, "tactic">): Matrix {
  const { enterprise, ics } = attack;
  return enterprise.tactic(tactic) === undefined && ics.tactic(tactic) !== undefined
    ? ics
    : enterprise;
}

/** Proves what a rule emits, and the release it is written for, against ATT&CK. */
export function checkRuleAttack(rule: Rule, sources: Sources, attack: Attack): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (path: Path, fault: Fault): void => {
    problems.push(ruleProblem(rule, sources, path, fault));
  };
  const { emits, attack_release: release } = rule.document;
  for (const [index, emission] of emits.entries()) {
    for (
      const { field, code, message, remedy } of checkEmission(matrixOf(attack, emission), emission)
    ) {
      add(["emits", index, field], {
        code,
        message: `emits[${index}].${message}`,
        ...(remedy !== undefined && { remedy }),
      });
    }
    const first = emits.findIndex((other) => mostExact(other) === mostExact(emission));
    if (first < index) {
      add(["emits", index], {
        code: "repeated_emission",
        severity: "warning",
        message: `emits[${index}] claims ${mostExact(emission)} as emits[${first}] does`,
        remedy: "a tag's identity is its technique: keep one of the two",
      });
    }
  }
  const loaded = [attack.enterprise.release, attack.ics.release];
  if (release !== undefined && !loaded.includes(release)) {
    add(["attack_release"], {
      code: "other_release",
      message: `the rule is for ATT&CK ${release}, loaded are ${loaded.join(" and ")}`,
      remedy: "rewrite it with `rules migrate`",
    });
  }
  return problems;
}

/** Proves that every technique of an intel table that was read from a file exists. */
export function checkTableTechniques(
  table: IntelTable,
  source: YamlSource,
  attack: Attack,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const [path, id] of techniquesOf(table)) {
    const fault = checkTechnique(attack.enterprise, id);
    if (fault === undefined) continue;
    const { code, message, remedy } = fault;
    problems.push(source.problem(path, {
      code,
      message: `${pathText(path.slice(0, -1))}.${message}`,
      ...(remedy !== undefined && { remedy }),
    }));
  }
  return problems;
}

/**
 * Proves that a rule emits what the table of its provider chooses; what it does
 * not emit would vanish in silence. The problem stands in the table when that was
 * read from a file, else in the rule.
 */
export function checkTableEmitted(
  table: IntelTable,
  rule: Rule,
  sources: Sources,
  tableSource: YamlSource | undefined,
): readonly Problem[] {
  const { match, emits, rule_id: ruleId } = rule.document;
  if (!isLifterMatch(match) || match.kind !== `lifter:intel_${table.provider}`) return [];
  return techniquesOf(table).filter(([, id]) => !emitsTechnique(emits, id)).map(([path, id]) => {
    const fault = {
      code: "not_emitted",
      message: `the table of ${table.provider} chooses ${id}, which rule ${ruleId} does not emit`,
      remedy: `add ${id} to emits of ${ruleId}, or take it out of the table`,
    };
    return tableSource?.problem(path, fault) ?? ruleProblem(rule, sources, ["emits"], fault);
  });
}

function techniquesOf(table: IntelTable): readonly (readonly [path: Path, id: string])[] {
  return table.signals.flatMap(({ techniques }, at) =>
    techniques.map(({ technique_id: id }, index) =>
      [["signals", at, "techniques", index, "technique_id"], id] as const
    )
  );
}

function emitsTechnique(emits: readonly Emission[], id: string): boolean {
  return emits.some(({ technique_id, sub_technique_id }) =>
    technique_id === id || sub_technique_id === id
  );
}

function mostExact({ technique_id, sub_technique_id }: Emission): string {
  return sub_technique_id ?? technique_id;
}

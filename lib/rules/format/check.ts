import type { Attack } from "../../attack/matrix.ts";
import { checkRuleAttack, checkTableEmitted, checkTableTechniques } from "./check_attack.ts";
import { checkMatch, type LifterCheck } from "./check_match.ts";
import { checkExceptions } from "./exceptions.ts";
import type { IntelTable } from "./intel_table.ts";
import type { ParsedRules } from "./load.ts";
import type { Problem } from "./problem.ts";
import type { Rule } from "../rule.ts";
import { inFileOrder, ruleProblem, type Sources } from "./rule_problem.ts";
import type { YamlSource } from "./yaml_source.ts";

/** What rules are proven against besides ATT&CK. */
export interface CheckContext {
  /** Proves what a rule asks of a detector in code. */
  readonly lifters: LifterCheck;
  /** Today, for reviews that are due; nothing is due when absent. */
  readonly now?: Date;
  /** Accept look-arounds and back-references, with a warning. */
  readonly allowBacktracking?: boolean;
  /** What is in force beside the files that are proven; proven already. */
  readonly beside?: { readonly rules: readonly Rule[]; readonly intel: readonly IntelTable[] };
}

/** What is proven: parsed files, or rules and tables of the built pack. */
export type Checkable =
  & Pick<ParsedRules, "rules" | "intel">
  & Partial<Pick<ParsedRules, "halves" | "removals" | "exceptionFiles" | "sources">>;

const NO_SOURCES: Sources = new Map();

/**
 * Proves rules and intel tables: unique ids, patterns that are linear in the
 * text, detectors that exist, emissions that hold in the loaded ATT&CK releases,
 * tables that agree with the rules. Every problem is reported.
 *
 * @returns problems in the order of files and lines; reviews that are due are warnings
 */
export function checkRules(
  parsed: Checkable,
  attack: Attack,
  context: CheckContext,
): readonly Problem[] {
  const sources = parsed.sources ?? NO_SOURCES;
  const { lifters, now, allowBacktracking = false } = context;
  const parts = (rule: Rule): readonly Problem[] => [
    ...checkMatch(rule, sources, lifters, allowBacktracking),
    ...checkRuleAttack(rule, sources, attack),
  ];
  const problems = [
    ...(parsed.halves ?? []).flatMap(parts),
    ...parsed.rules.flatMap((rule) => [...parts(rule), ...checkReview(rule, sources, now)]),
  ];
  problems.push(...checkIds(parsed, sources), ...checkTables(parsed, sources, attack, context));
  const ids = [...parsed.rules, ...context.beside?.rules ?? []].map(({ document }) =>
    document.rule_id
  );
  for (const file of parsed.exceptionFiles ?? []) {
    const options = { allowBacktracking, ...(now !== undefined && { now }) };
    problems.push(...checkExceptions(file, sources.get(file.file), ids, options));
  }
  return inFileOrder(problems);
}

/** Tables and rules of the files against each other and against what is beside them. */
function checkTables(
  parsed: Checkable,
  sources: Sources,
  attack: Attack,
  { beside }: CheckContext,
): readonly Problem[] {
  const ids = new Set(parsed.rules.map(({ document }) => document.rule_id));
  const providers = new Set(parsed.intel.map(({ provider }) => provider));
  const otherRules = (beside?.rules ?? []).filter(({ document }) => !ids.has(document.rule_id));
  const otherTables = (beside?.intel ?? []).filter(({ provider }) => !providers.has(provider));
  const emitted = (tables: readonly IntelTable[], rules: readonly Rule[]): readonly Problem[] =>
    tables.flatMap((table) =>
      rules.flatMap((rule) =>
        checkTableEmitted(table, rule, sources, tableSource(table.provider, sources))
      )
    );
  return [
    ...parsed.intel.flatMap((table) => {
      const source = tableSource(table.provider, sources);
      return source === undefined ? [] : checkTableTechniques(table, source, attack);
    }),
    ...emitted(parsed.intel, [...parsed.rules, ...otherRules]),
    ...emitted(otherTables, parsed.rules),
  ];
}

/** An id names one rule of a directory: which of two would hold is anybody's guess. */
function checkIds(parsed: Checkable, sources: Sources): readonly Problem[] {
  const files = new Map<string, string>();
  const problems: Problem[] = [];
  const named = [
    ...parsed.rules.map((rule) => ({ id: rule.document.rule_id, file: rule.file, rule })),
    ...(parsed.removals ?? []).map(({ ruleId, file }) => ({ id: ruleId, file, rule: undefined })),
  ];
  for (const { id, file, rule } of named) {
    const before = files.get(id);
    files.set(id, before ?? file);
    if (before === undefined) continue;
    const fault = {
      code: "duplicate_id",
      message: `rule_id ${id} stands in ${before} too`,
      remedy: "give one of the two another id",
    };
    const source = sources.get(file);
    if (source !== undefined) problems.push(source.problem(["rule_id"], fault));
    else if (rule !== undefined) problems.push(ruleProblem(rule, sources, ["rule_id"], fault));
  }
  return problems;
}

function checkReview(rule: Rule, sources: Sources, now: Date | undefined): readonly Problem[] {
  const { next_review: due } = rule.document;
  if (due === undefined || now === undefined || due >= now.toISOString().slice(0, 10)) return [];
  return [ruleProblem(rule, sources, ["next_review"], {
    code: "review_due",
    severity: "warning",
    message: `the review of ${due} is due`,
    remedy: "check the rule, then set last_reviewed and next_review",
  })];
}

/** The file that a table was read from: the one whose document names the provider. */
function tableSource(provider: string, sources: Sources): YamlSource | undefined {
  for (const source of sources.values()) {
    const { value } = source;
    if (typeof value !== "object" || value === null) continue;
    if ((value as { provider?: unknown }).provider === provider) return source;
  }
  return undefined;
}

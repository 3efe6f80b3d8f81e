import type { Problem } from "./problem.ts";
import type { Rule } from "../rule.ts";
import { type Path, pathText, type YamlSource } from "./yaml_source.ts";

/** A finding about a rule, before its place is known. */
export type Fault = Parameters<YamlSource["problem"]>[1];

/** Files by name, as `parseRuleFiles()` gives them. */
export type Sources = ReadonlyMap<string, YamlSource>;

/**
 * A problem at a part of a rule. A rule of the built pack has no file to point
 * into: it gets the first place of the file that it was built from.
 */
export function ruleProblem(rule: Rule, sources: Sources, path: Path, fault: Fault): Problem {
  const source = sources.get(rule.file);
  if (source !== undefined) return source.problem(path, fault);
  const { code, message, remedy, severity = "error" } = fault;
  return {
    code,
    severity,
    file: rule.file,
    line: 1,
    column: 1,
    path: [rule.document.rule_id, ...(path.length === 0 ? [] : [pathText(path)])],
    message,
    ...(remedy !== undefined && { remedy }),
  };
}

/** Files in the order of their names, then by place. */
export function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) =>
    (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line || a.column - b.column
  );
}

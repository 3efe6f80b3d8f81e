import { commandPatterns } from "./command_condition.ts";
import { type FieldCondition, isLifterMatch, type RuleDocument } from "./document.ts";
import { defaultField } from "./field.ts";
import { checkPattern, needsBacktracking } from "../compile/pattern.ts";
import type { Problem } from "./problem.ts";
import type { Rule } from "../rule.ts";
import { type Fault, ruleProblem, type Sources } from "./rule_problem.ts";
import type { SourceKind } from "../source_kind.ts";
import type { Path } from "./yaml_source.ts";

/**
 * Says, one sentence each, what a detector in code cannot work with in a rule
 * that selects it; nothing for a rule with patterns.
 */
export type LifterCheck = (document: RuleDocument) => readonly string[];

/** Every condition of a rule, with its place in the document. */
export function* conditionsOf(
  document: RuleDocument,
): Generator<readonly [path: Path, condition: FieldCondition]> {
  const { match } = document;
  if (isLifterMatch(match)) return;
  const { any, all, none, ...direct } = match;
  if (Object.keys(direct).length > 0) yield [["match"], direct];
  for (const [group, conditions] of Object.entries({ any, all, none })) {
    for (const [index, condition] of (conditions ?? []).entries()) {
      yield [["match", group, index], condition];
    }
  }
}

/** Every pattern of a rule, with its place in the document. */
export function* patternsOf(
  document: RuleDocument,
): Generator<readonly [path: Path, pattern: string]> {
  for (const [path, { pattern, command }] of conditionsOf(document)) {
    if (pattern !== undefined) yield [[...path, "pattern"], pattern];
    if (command === undefined) continue;
    for (const [key, text] of commandPatterns(command)) yield [[...path, "command", key], text];
  }
}

/** Proves that every condition can be compiled and that every detector exists. */
export function checkMatch(
  rule: Rule,
  sources: Sources,
  lifters: LifterCheck,
  allowBacktracking: boolean,
): readonly Problem[] {
  const problems: Problem[] = [];
  const add = (path: Path, fault: Fault): void => {
    problems.push(ruleProblem(rule, sources, path, fault));
  };
  // The build has proven the patterns of the pack and what it asks of detectors, and stored literals.
  const isProven = rule.literals !== undefined;
  for (const [path, pattern] of isProven ? [] : patternsOf(rule.document)) {
    const fault = patternFault(pattern, allowBacktracking);
    if (fault !== undefined) add(path, fault);
  }
  for (const [path, condition] of conditionsOf(rule.document)) {
    const fault = fieldFault(condition, rule.document.applies_to);
    if (fault !== undefined) add(path, fault);
  }
  for (const message of isProven ? [] : lifters(rule.document)) {
    add(["match", "kind"], { code: "lifter", message });
  }
  return problems;
}

function patternFault(pattern: string, allowBacktracking: boolean): Fault | undefined {
  const fault = checkPattern(pattern, allowBacktracking);
  if (fault !== undefined || !allowBacktracking || !needsBacktracking(pattern)) return fault;
  return {
    code: "backtracking",
    severity: "warning",
    message: "the pattern needs backtracking and runs on the first 4 KiB of a text only",
  };
}

function fieldFault(
  condition: FieldCondition,
  kinds: readonly SourceKind[],
): Fault | undefined {
  if (condition.command !== undefined) {
    return kinds.includes("command") ? undefined : {
      code: "no_command",
      message: "a command condition holds for the source kind command only",
      remedy: "add command to applies_to",
    };
  }
  if (condition.field !== undefined) return undefined;
  const without = kinds.filter((kind) => defaultField(kind) === undefined);
  return without.length === 0 ? undefined : {
    code: "no_field",
    message: `there is no default field for ${without.join(", ")}`,
    remedy: "name one with field",
  };
}

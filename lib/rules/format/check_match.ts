import { commandPatterns } from "./command_condition.ts";
import {
  type FieldCondition,
  isLifterMatch,
  type PatternMatch,
  type RuleDocument,
} from "./document.ts";
import { defaultField } from "./field.ts";
import { unknownField } from "./known_fields.ts";
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

/** Code of the warning about a field that no known event has; `validate --strict` takes it for an error. */
export const UNKNOWN_PAYLOAD_FIELD = "unknown_payload_field";

/** Every condition of a rule and of its exceptions, with its place in the document. */
export function* conditionsOf(
  document: RuleDocument,
): Generator<readonly [path: Path, condition: FieldCondition]> {
  const { match, except = [] } = document;
  if (!isLifterMatch(match)) yield* conditionsIn(match, ["match"]);
  for (const [index, exception] of except.entries()) {
    yield* conditionsIn(exception.match, ["except", index, "match"]);
  }
}

function* conditionsIn(
  { any, all, none, ...direct }: PatternMatch,
  at: Path,
): Generator<readonly [path: Path, condition: FieldCondition]> {
  if (Object.keys(direct).length > 0) yield [at, direct];
  for (const [group, conditions] of Object.entries({ any, all, none })) {
    for (const [index, condition] of (conditions ?? []).entries()) {
      yield [[...at, group, index], condition];
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
    if (fault !== undefined) add(condition.field === undefined ? path : [...path, "field"], fault);
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
  if (condition.field !== undefined) return unknownFault(condition.field, kinds);
  const without = kinds.filter((kind) => defaultField(kind) === undefined);
  return without.length === 0 ? undefined : {
    code: "no_field",
    message: `there is no default field for ${without.join(", ")}`,
    remedy: "name one with field",
  };
}

/** A warning, for a producer of one's own may send fields that nobody knows. */
function unknownFault(field: string, kinds: readonly SourceKind[]): Fault | undefined {
  const unknown = unknownField(field, kinds);
  if (unknown === undefined) return undefined;
  return {
    code: UNKNOWN_PAYLOAD_FIELD,
    severity: "warning",
    message: `no event of the kind ${kinds.join(" or ")} is known to have a field ${field}`,
    remedy: unknown.nearest === undefined
      ? "see the fields with `rules fields`; the condition holds only where a producer sends it"
      : `did you mean ${unknown.nearest}? See the fields with \`rules fields\``,
  };
}

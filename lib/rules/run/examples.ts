import { type Example, isLifterMatch, type Payload } from "../format/document.ts";
import { defaultField } from "../format/field.ts";
import type { Rule } from "../rule.ts";
import { RuleSet } from "./rule_set.ts";
import type { SourceKind } from "../source_kind.ts";

/** One example that did not do what its rule says. */
export interface ExampleFailure {
  readonly ruleId: string;
  readonly file: string;
  readonly group: "match" | "no_match";
  readonly index: number;
  readonly example: Example;
  /** What is wrong, e.g. `does not match`. */
  readonly message: string;
}

/** What running the examples of a set of rules gave. */
export interface ExampleReport {
  /** Examples that were run. */
  readonly run: number;
  readonly failures: readonly ExampleFailure[];
  /** Rules without any example, by id. */
  readonly without: readonly string[];
}

/**
 * Decides whether a rule for a detector in code matches a payload; the tagging
 * room has the detectors.
 */
export type LifterMatches = (rule: Rule, kind: SourceKind, payload: Payload) => boolean;

/**
 * Runs the examples that rules carry. A text is the default field of the first
 * source kind; a payload is tried with each kind of the rule.
 *
 * @param lifterMatches asked for rules that select a detector in code
 */
export function runExamples(
  rules: readonly Rule[],
  lifterMatches: LifterMatches,
  options: { readonly allowBacktracking?: boolean } = {},
): ExampleReport {
  const failures: ExampleFailure[] = [];
  const without: string[] = [];
  let run = 0;
  for (const rule of rules) {
    const { rule_id: ruleId, tests } = rule.document;
    const set = RuleSet.compile([rule], options);
    const matches = (kind: SourceKind, payload: Payload): boolean =>
      isLifterMatch(rule.document.match)
        ? lifterMatches(rule, kind, payload)
        : set.match(kind, payload).length > 0;
    const counts = (kind: SourceKind, payload: Payload): boolean =>
      matches(kind, payload) && set.exceptions.find(rule, kind, payload, 0) === undefined;
    if ((tests?.match.length ?? 0) + (tests?.no_match.length ?? 0) === 0) without.push(ruleId);
    for (const group of ["match", "no_match"] as const) {
      for (const [index, example] of (tests?.[group] ?? []).entries()) {
        run += 1;
        const message = exampleFault(rule, group, example, counts);
        if (message !== undefined) {
          failures.push({ ruleId, file: rule.file, group, index, example, message });
        }
      }
    }
  }
  return { run, failures, without };
}

function exampleFault(
  rule: Rule,
  group: "match" | "no_match",
  example: Example,
  matches: (kind: SourceKind, payload: Payload) => boolean,
): string | undefined {
  const kinds = rule.document.applies_to;
  const payload = examplePayload(example, kinds);
  if (payload === undefined) {
    return `is a text, and ${kinds[0]} has no default field: write a payload object`;
  }
  const matched = kinds.some((kind) => matches(kind, payload));
  if (matched === (group === "match")) return undefined;
  return matched ? "matches, and should not" : "does not match";
}

/** The payload that an example stands for; undefined for a text that has no field to go to. */
export function examplePayload(
  example: Example,
  kinds: readonly SourceKind[],
): Payload | undefined {
  if (typeof example !== "string") return example;
  const field = kinds.map(defaultField).find((name) => name !== undefined);
  return field === undefined ? undefined : { [field]: example };
}

import { parseRuleFiles } from "../../lib/rules/format/load.ts";
import type { Rule } from "../../lib/rules/rule.ts";

/** A rule file that is right in everything, with the given lines in place of some. */
export function ruleText(lines: Readonly<Record<string, string>> = {}): string {
  const all: Record<string, string> = {
    rule_id: "R0900",
    rule_version: "1",
    name: "sample_rule",
    description: "Finds samples.",
    applies_to: "[command]",
    match: "{ pattern: '\\bfind\\s' }",
    emits: "[{ tactic: TA0007, technique_id: T1083, confidence: 0.85 }]",
    ...lines,
  };
  return Object.entries(all).map(([key, value]) => `${key}: ${value}\n`).join("");
}

/** Parses rule texts that are meant to be right. */
export function rulesOf(...texts: readonly string[]): readonly Rule[] {
  const { rules, problems } = parseRuleFiles(
    texts.map((text, index) => ({ name: `rule${index}.yaml`, text })),
  );
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  return rules;
}

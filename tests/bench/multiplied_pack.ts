import type { RuleDocument } from "../../lib/rules/format/document.ts";
import type { Rule } from "../../lib/rules/rule.ts";
import { seeded } from "./attack_commands.ts";

/**
 * The pack with so many times its rules: those that come to it are about
 * programs and words that no command has, half as patterns, half as programs.
 */
export function multipliedPack(rules: readonly Rule[], times: number): readonly Rule[] {
  const random = seeded(times);
  const model = rules.find(({ document }) => document.applies_to.includes("command"))!;
  const added = Array.from({ length: rules.length * (times - 1) }, (_, index): Rule => {
    const name = word(random);
    const match: RuleDocument["match"] = index % 2 === 0
      ? { pattern: `(?i)\\b${name}\\s+-[a-z]+\\s+${word(random)}` }
      : { command: { program: [name, word(random)], args: `--${word(random)}` } };
    const document = { ...model.document, rule_id: `X${index}`, match };
    const { literals: _ofModel, ...rest } = model;
    return { ...rest, document };
  });
  return [...rules, ...added];
}

/** A word that begins as words do and goes on as none does. */
function word(random: () => number): string {
  const letters = Array.from(
    { length: 6 },
    () => String.fromCharCode(97 + Math.floor(random() * 26)),
  );
  return `${letters.join("")}zq`;
}

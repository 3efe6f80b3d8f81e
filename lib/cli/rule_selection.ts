import { idGlob } from "../rules/id_glob.ts";
import type { Rule } from "../rules/rule.ts";
import { EXIT, Exit } from "./exit.ts";

/** Which rules a command is about. */
export interface Selection {
  /** Ids, with `*`, `?` and `[…]` as in file names; all rules when empty. */
  readonly ids: readonly string[];
  /** Only rules that emit this technique or sub-technique. */
  readonly technique?: string;
  /** Only rules that emit this tactic. */
  readonly tactic?: string;
}

/**
 * Rules that are meant, in id order.
 *
 * @throws {Exit} with code 2 when an id or pattern names no rule, which is a slip of the pen
 */
export function selectRules(rules: readonly Rule[], selection: Selection): readonly Rule[] {
  const { ids } = selection;
  const technique = selection.technique?.toUpperCase();
  const tactic = selection.tactic?.toUpperCase();
  const named = ids.map((id) => ({ id, matcher: globOf(id) }));
  for (const { id, matcher } of named) {
    if (!rules.some(({ document }) => matcher(document.rule_id))) {
      const other = rules.find((rule) => sameLetters(rule.document.rule_id, id));
      const remedy = other === undefined
        ? "`rules list` shows all of them"
        : `did you mean ${other.document.rule_id}?`;
      throw new Exit(EXIT.usage, `there is no rule ${id}; ${remedy}`);
    }
  }
  return rules.filter(({ document }) =>
    (named.length === 0 || named.some(({ matcher }) => matcher(document.rule_id))) &&
    (technique === undefined ||
      document.emits.some((emission) =>
        emission.technique_id === technique || emission.sub_technique_id === technique
      )) &&
    (tactic === undefined || document.emits.some((emission) => emission.tactic === tactic))
  );
}

function sameLetters(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Ids that are meant by ids and patterns; all when there are none of these. */
export function selectIds(known: readonly string[], ids: readonly string[]): readonly string[] {
  const matchers = ids.map(globOf);
  return known.filter((id) => ids.length === 0 || matchers.some((matcher) => matcher(id)));
}

function globOf(pattern: string): (id: string) => boolean {
  const glob = idGlob(pattern);
  if (glob === undefined) throw new Exit(EXIT.usage, `${pattern} is not a pattern of rule ids`);
  return glob;
}

import packText from "./data/pack.json" with { type: "text" };
import type { IntelTable } from "./format/intel_table.ts";
import type { Pack } from "./overlay.ts";
import { patternsOf } from "./format/check_match.ts";
import { textPattern } from "./compile/pattern.ts";
import type { Requirement } from "./compile/requirement.ts";
import { byRuleId, canonicalJson, type Rule, sha256 } from "./rule.ts";

/** The rules and tables inside the program. */
export interface BuiltPack extends Pack {
  /** SHA-256 of everything that the rules and tables say, in lower-case hex. */
  readonly hash: string;
}

let loaded: BuiltPack | undefined;

/** The pack that the program carries, proven when it was built; read once. */
export function loadPack(): BuiltPack {
  return loaded ??= JSON.parse(packText) as BuiltPack;
}

/**
 * Text of the pack file for rules and tables that have been proven: rules with the
 * literals of their patterns, so that a start compiles no pattern. Equal input
 * gives equal text.
 */
export function packFileText(rules: readonly Rule[], intel: readonly IntelTable[]): string {
  const built = rules.toSorted(byRuleId).map((rule) => ({ ...rule, literals: literalsOf(rule) }));
  const tables = intel.toSorted((a, b) => a.provider < b.provider ? -1 : 1);
  const hash = sha256(canonicalJson([built.map(({ document }) => document), tables]));
  // One rule a line, so that a change shows as one in a diff.
  const lines = (items: readonly unknown[]): string =>
    items.length === 0 ? "[]" : `[\n${items.map((item) => canonicalJson(item)).join(",\n")}\n]`;
  return `{"hash":${JSON.stringify(hash)},\n"intel":${lines(tables)},\n"rules":${lines(built)}}\n`;
}

function literalsOf(rule: Rule): Readonly<Record<string, Requirement>> {
  return Object.fromEntries(
    [...patternsOf(rule.document)].map(([, pattern]) => [pattern, textPattern(pattern).requires]),
  );
}

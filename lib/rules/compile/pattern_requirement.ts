import { RE2JS } from "re2js";
import { branches, withoutCaseFlags } from "./pattern_scan.ts";
import {
  NO_REQUIREMENT,
  requireAll,
  requireAny,
  requiredLiteral,
  type Requirement,
} from "./requirement.ts";

/** Kinds of node of the engine's own prefilter, as version 2.10 numbers them. */
const EXACT = 1;
const AND = 2;
const OR = 3;

/** Deepest nesting of the engine's nodes that is looked into. */
const MAX_DEPTH = 64;

/** Deepest nesting of groups that is taken apart; each level compiles its parts. */
const MAX_GROUPS = 4;

/**
 * Derives the literals without which an RE2 pattern cannot match. The engine
 * finds them while it compiles, but for case-sensitive patterns only: so the
 * pattern is compiled without its `i` flags and the literals are lower-cased,
 * see `foldText()`. The engine gives up on long alternations; of those, each
 * alternative is asked about alone.
 *
 * @param pattern one that the engine accepts
 */
export function derivedRequirement(pattern: string): Requirement {
  return derived(withoutCaseFlags(pattern), 0);
}

function derived(pattern: string, depth: number): Requirement {
  const whole = requirementOf(RE2JS.compile(pattern).re2().prefilter, 0);
  if (whole.length > 0 || depth === MAX_GROUPS) return whole;
  const alternatives = branches(pattern);
  if (alternatives.length > 1) {
    return requireAny(alternatives.map((branch) => derived(branch.pattern, depth + 1)));
  }
  const groups = alternatives[0]?.groups ?? [];
  return requireAll(groups.map((group) => derived(group, depth + 1)));
}

/** The field is not part of the engine's documented face: anything unexpected says nothing. */
function requirementOf(node: unknown, depth: number): Requirement {
  if (typeof node !== "object" || node === null || depth > MAX_DEPTH) return NO_REQUIREMENT;
  const { type, str, subs } = node as { type?: unknown; str?: unknown; subs?: unknown };
  if (type === EXACT && typeof str === "string") {
    const literal = requiredLiteral(str);
    return literal === undefined ? NO_REQUIREMENT : [[literal]];
  }
  if (!Array.isArray(subs) || subs.length === 0) return NO_REQUIREMENT;
  if (type === AND) return requireAll(subs.map((sub) => requirementOf(sub, depth + 1)));
  if (type === OR) return requireAny(subs.map((sub) => requirementOf(sub, depth + 1)));
  return NO_REQUIREMENT;
}

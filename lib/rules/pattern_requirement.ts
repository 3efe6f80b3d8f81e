import { RE2JS } from "re2js";
import { withoutCaseFlags } from "./pattern_scan.ts";
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

/** Deepest nesting that is looked into. */
const MAX_DEPTH = 64;

/**
 * Derives the literals without which an RE2 pattern cannot match. The engine
 * finds them while it compiles, but for case-sensitive patterns only: so the
 * pattern is compiled without its `i` flags and the literals are lower-cased,
 * see `foldText()`.
 *
 * @param pattern one that the engine accepts
 */
export function derivedRequirement(pattern: string): Requirement {
  return requirementOf(RE2JS.compile(withoutCaseFlags(pattern)).re2().prefilter, 0);
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

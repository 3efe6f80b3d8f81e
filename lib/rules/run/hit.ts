import type { Span } from "../compile/conditions.ts";
import type { Rule } from "../rule.ts";

/** Most characters of what matched that are kept. */
const MATCHED_CHARACTERS = 256;

/** Where a rule matched. */
export interface Hit {
  /** Payload field. */
  readonly field: string;
  /** What matched, at most 256 characters. */
  readonly matched: string;
  /** Offset in the text that was matched, in UTF-16 units. */
  readonly start: number;
  /** Offset behind the match. */
  readonly end: number;
  /** The text was matched with its shell obfuscation undone. */
  readonly normalised?: true;
  /** The field was longer than what is matched, or not all of the event was searched. */
  readonly truncated?: true;
  /** The text was one that the command decodes and runs. */
  readonly decoded?: true;
}

/** One rule that matched, and what of the text. */
export interface RuleMatch {
  /** The rule that matches. */
  readonly rule: Rule;
  /** Where it matches. */
  readonly hit: Hit;
}

/** What there is when nothing matches: the usual case allocates nothing. */
export const NO_MATCHES: readonly RuleMatch[] = Object.freeze([]);

/** How a text came out of its field. */
export type Origin = Pick<Hit, "normalised" | "truncated" | "decoded">;

/** Makes a hit; half a surrogate pair at the cut is left out. */
export function makeHit(field: string, text: string, { start, end }: Span, origin: Origin): Hit {
  const cut = text.slice(start, Math.min(end, start + MATCHED_CHARACTERS));
  const matched = cut.length < end - start ? cut.replace(/[\ud800-\udbff]$/, "") : cut;
  return { field, matched, start, end, ...origin };
}

/** The same match of an event of which only a part was searched for some patterns. */
export function inPartOnly({ rule, hit }: RuleMatch): RuleMatch {
  return { rule, hit: { ...hit, truncated: true } };
}

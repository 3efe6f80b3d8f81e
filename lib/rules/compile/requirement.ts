/**
 * Literals without which something cannot match: of each group at least one must
 * occur in the text. Literals are ASCII in lower case, the text is prepared by
 * `foldText()`; one made by `wordLiteral()` must stand as a word of its own. No
 * group at all means that nothing can be said.
 */
export type Requirement = readonly (readonly string[])[];

/** What nothing is known about: it always has to be tried. */
export const NO_REQUIREMENT: Requirement = Object.freeze([]);

/** Most groups kept of one pattern: the first discards most texts, more cost a look-up each. */
const MAX_GROUPS = 4;

/** Most literals of one group; a larger alternation discards too little for its cost. */
const MAX_LITERALS = 512;

/** Literals shorter than this are everywhere; the mark of a word counts. */
const MIN_LITERAL = 2;

/** Marks a literal that is a whole word; literals are in lower case, so a capital cannot be one. */
const WORD_MARK = "W";

const LONG_S = "\u017f";

/**
 * A literal that stands between word boundaries (`\\b` of regular expressions),
 * for names that are part of too many words.
 *
 * @param word lower-case ASCII that begins and ends with a letter, digit or `_`
 */
export function wordLiteral(word: string): string {
  return WORD_MARK + word;
}

/** Text of a literal, and whether it must be a word of its own. */
export function literalParts(literal: string): readonly [text: string, isWord: boolean] {
  return literal.startsWith(WORD_MARK) ? [literal.slice(1), true] : [literal, false];
}

/**
 * Lower-cases a text so that every literal that a case-insensitive pattern could
 * have matched stands in it. RE2 folds U+017F to `s` and U+212A to `k`; lower case
 * does so for the second only.
 */
export function foldText(text: string): string {
  const lower = text.toLowerCase();
  return lower.includes(LONG_S) ? lower.replaceAll(LONG_S, "s") : lower;
}

/**
 * The part of a literal that can be required whatever case folding does: its
 * longest run of ASCII, in lower case. Other characters change with their
 * neighbours (Greek sigma) or their length (dotted capital I) when lower-cased.
 */
export function requiredLiteral(literal: string): string | undefined {
  let longest = "";
  for (const run of literal.split(NOT_ASCII)) if (run.length > longest.length) longest = run;
  return longest === "" ? undefined : longest.toLowerCase();
}

const NOT_ASCII = /\P{ASCII}+/u;

/** All of the requirements hold. */
export function requireAll(requirements: readonly Requirement[]): Requirement {
  return pruned(requirements.flat());
}

/** One of the requirements holds; nothing can be said when one of them says nothing. */
export function requireAny(requirements: readonly Requirement[]): Requirement {
  const union = new Set<string>();
  for (const requirement of requirements) {
    const best = requirement[0];
    if (best === undefined) return NO_REQUIREMENT;
    for (const literal of best) union.add(literal);
  }
  return pruned([[...union]]);
}

/** Drops what says nothing more, and puts the group that discards most texts first. */
function pruned(groups: Requirement): Requirement {
  const useful = groups
    .map(withoutImplied)
    .filter((group) => group.length > 0 && group.length <= MAX_LITERALS)
    .sort((a, b) => worth(b) - worth(a) || a.length - b.length || compare(a.join(), b.join()));
  const kept: (readonly string[])[] = [];
  for (const group of useful) {
    if (kept.length === MAX_GROUPS) break;
    if (!kept.some((other) => other.join("\n") === group.join("\n"))) kept.push(group);
  }
  return kept;
}

/** A literal that contains another one of its group adds nothing: the shorter one is there too. */
function withoutImplied(group: readonly string[]): readonly string[] {
  const unique = [...new Set(group)].sort(compare);
  return unique.filter((literal) =>
    !unique.some((other) =>
      other !== literal && !other.startsWith(WORD_MARK) && literal.includes(other)
    )
  );
}

/** Whether a group tells texts apart; single characters are everywhere. */
export function isSelective(group: readonly string[]): boolean {
  return group.length > 0 && worth(group) >= MIN_LITERAL;
}

/** Order of requirements that are not empty: the one that discards more texts first. */
export function moreSelective(a: Requirement, b: Requirement): number {
  return worth(b[0] ?? []) - worth(a[0] ?? []) || (a[0]?.length ?? 0) - (b[0]?.length ?? 0);
}

/** The shortest literal decides how often a group holds by chance. */
function worth(group: readonly string[]): number {
  return Math.min(...group.map(({ length }) => length));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

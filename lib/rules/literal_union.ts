/** One literal to look for. */
export interface NumberedLiteral {
  readonly text: string;
  readonly number: number;
}

const NONE: readonly number[] = [];

/**
 * All of a set of literals in one pass. One native regular expression that is
 * their union measured faster than the Aho-Corasick packages; the search goes on
 * one character behind each start, so that literals which overlap are all found.
 */
export class LiteralUnion {
  readonly #union: RegExp | undefined;
  /** By literal: its number and those of the literals that stand wherever it begins. */
  readonly #implied = new Map<string, readonly number[]>();

  /**
   * @param literals texts, each once
   * @param asWords whether they count between word boundaries only
   */
  constructor(literals: readonly NumberedLiteral[], asWords: boolean) {
    if (literals.length === 0) return;
    for (const { text } of literals) {
      const within = literals.filter((other) =>
        text.startsWith(other.text) &&
        (!asWords || other.text === text || !/\w/.test(text.charAt(other.text.length)))
      );
      this.#implied.set(text, within.map(({ number }) => number));
    }
    const longestFirst = literals.map(({ text }) => text).sort((a, b) => b.length - a.length)
      .map(escaped).join("|");
    this.#union = new RegExp(asWords ? `\\b(?:${longestFirst})\\b` : longestFirst, "g");
  }

  /** Calls back for every occurrence of a literal, with its number. */
  scan(text: string, found: (literal: number) => void): void {
    const union = this.#union;
    if (union === undefined) return;
    union.lastIndex = 0;
    for (let match = union.exec(text); match !== null; match = union.exec(text)) {
      for (const literal of this.#implied.get(match[0]) ?? NONE) found(literal);
      union.lastIndex = match.index + 1;
    }
  }
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

import { LiteralUnion } from "./literal_union.ts";
import { foldText, isSelective, literalParts, type Requirement } from "./requirement.ts";

/** What a rule, or one of its conditions, requires of a text. */
export interface PrefilterEntry {
  /** Number that is reported when the text has what is required. */
  readonly entry: number;
  /** At least one group. */
  readonly requires: Requirement;
}

/** An entry with its literals by number. */
interface Numbered {
  readonly entry: number;
  /** Groups besides the first, which triggers. */
  readonly groups: readonly (readonly number[])[];
  /** Groups with single characters: too common to look for, quickly looked up. */
  readonly characters: readonly (readonly string[])[];
}

const NO_ENTRIES: readonly Numbered[] = [];

/**
 * Finds, in one pass over a text, the entries all of whose groups have a literal
 * in it, and so the rules and conditions that could match. The cost grows with the
 * literals that occur, not with the rules.
 */
export class Prefilter {
  readonly #plain: LiteralUnion;
  readonly #words: LiteralUnion;
  /** By literal number: entries whose first group has it. */
  readonly #triggered: (readonly Numbered[])[];
  /** Entries that require nothing but single characters. */
  readonly #loose: readonly Numbered[];
  /** By literal number: the pass in which it was last seen. */
  readonly #seenIn: Int32Array;
  /** Literals seen in this pass. */
  readonly #seen: number[] = [];
  #pass = 0;
  readonly #note = (literal: number): void => {
    if (this.#seenIn[literal] === this.#pass) return;
    this.#seenIn[literal] = this.#pass;
    this.#seen.push(literal);
  };

  constructor(entries: readonly PrefilterEntry[]) {
    const numbers = new Map<string, number>();
    const triggered: Numbered[][] = [];
    const loose: Numbered[] = [];
    const numberOf = (literal: string): number => {
      const known = numbers.get(literal);
      if (known !== undefined) return known;
      numbers.set(literal, triggered.length);
      return triggered.push([]) - 1;
    };
    for (const { entry, requires } of entries) {
      const [first, ...groups] = requires.filter(isSelective)
        .map((group) => group.map(numberOf));
      const characters = requires.filter((group) => !isSelective(group))
        .map((group) => group.map((literal) => literalParts(literal)[0]));
      const numbered = { entry, groups, characters };
      if (first === undefined) loose.push(numbered);
      for (const literal of first ?? []) triggered[literal]?.push(numbered);
    }
    const literals = [...numbers].map(([literal, number]) => {
      const [text, isWord] = literalParts(literal);
      return { text, isWord, number };
    });
    this.#plain = new LiteralUnion(literals.filter(({ isWord }) => !isWord), false);
    this.#words = new LiteralUnion(literals.filter(({ isWord }) => isWord), true);
    this.#triggered = triggered;
    this.#loose = loose;
    this.#seenIn = new Int32Array(triggered.length);
  }

  /**
   * Calls back for every entry whose groups all have a literal in the text; one
   * may come more than once. Allocates nothing when no literal occurs in a text that is
   * lower-case already.
   */
  scan(text: string, found: (entry: number) => void): void {
    const folded = foldText(text);
    this.#pass = this.#pass === 0x7fffffff ? 1 : this.#pass + 1;
    this.#seen.length = 0;
    this.#plain.scan(folded, this.#note);
    this.#words.scan(folded, this.#note);
    for (const literal of this.#seen) {
      for (const numbered of this.#triggered[literal] ?? NO_ENTRIES) {
        if (this.#hasAll(numbered, folded)) found(numbered.entry);
      }
    }
    for (const numbered of this.#loose) {
      if (this.#hasAll(numbered, folded)) found(numbered.entry);
    }
  }

  #hasAll({ groups, characters }: Numbered, folded: string): boolean {
    for (const group of groups) {
      if (!this.#hasSome(group)) return false;
    }
    for (const group of characters) {
      if (!containsSome(folded, group)) return false;
    }
    return true;
  }

  #hasSome(group: readonly number[]): boolean {
    for (const literal of group) if (this.#seenIn[literal] === this.#pass) return true;
    return false;
  }
}

function containsSome(text: string, literals: readonly string[]): boolean {
  for (const literal of literals) if (text.includes(literal)) return true;
  return false;
}

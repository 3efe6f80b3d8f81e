import { LiteralAutomaton, type NumberedLiteral } from "./literal_automaton.ts";
import { isSelective, literalParts, type Requirement } from "./requirement.ts";

/** What a rule, or one of its conditions, requires of a text. */
export interface PrefilterEntry {
  /** Number that is reported when the text has what is required. */
  readonly entry: number;
  /** At least one group. */
  readonly requires: Requirement;
}

/** A group with single characters: too common to look for, quickly looked up. */
interface LooseGroup {
  /** Their classes. */
  readonly characters: readonly number[];
  /** The longer literals beside them. */
  readonly literals: readonly number[];
}

/** An entry with its literals by number. */
interface Numbered {
  readonly entry: number;
  /** Groups besides the first, which triggers. */
  readonly groups: readonly (readonly number[])[];
  readonly loose: readonly LooseGroup[];
}

const NO_ENTRIES: readonly Numbered[] = [];

/** Entries by what makes them worth a look. */
interface Compiled {
  readonly automaton: LiteralAutomaton;
  /** By literal number: entries whose first group has it. */
  readonly triggered: readonly (readonly Numbered[])[];
  /** Entries that require nothing but groups with single characters. */
  readonly loose: readonly Numbered[];
  /** By literal number: the pass in which it was last seen. */
  readonly seenIn: Int32Array;
}

/**
 * Finds, in one pass over a text, the entries all of whose groups have a literal
 * in it, and so the rules and conditions that could match. The cost grows with the
 * literals that occur, not with the rules.
 */
export class Prefilter {
  readonly #entries: readonly PrefilterEntry[];
  /** Made for the first text: a kind of which no event comes costs nothing. */
  #compiled: Compiled | undefined;
  /** Literals seen in this pass. */
  readonly #seen: number[] = [];
  #pass = 0;
  readonly #note = (literal: number): void => {
    const { seenIn } = this.#compiled!;
    if (seenIn[literal] === this.#pass) return;
    seenIn[literal] = this.#pass;
    this.#seen.push(literal);
  };

  constructor(entries: readonly PrefilterEntry[]) {
    this.#entries = entries;
  }

  /**
   * Calls back for every entry whose groups all have a literal in the text; one
   * may come more than once. Allocates nothing when no literal occurs.
   *
   * @param more a second text whose literals count as well
   */
  scan(text: string, found: (entry: number) => void, more?: string): void {
    const compiled = this.#compiled ??= compile(this.#entries);
    this.#pass = this.#pass === 0x7fffffff ? 1 : this.#pass + 1;
    this.#seen.length = 0;
    compiled.automaton.begin();
    compiled.automaton.scan(text, this.#note);
    if (more !== undefined) compiled.automaton.scan(more, this.#note);
    for (const literal of this.#seen) {
      for (const numbered of compiled.triggered[literal] ?? NO_ENTRIES) {
        if (this.#hasAll(numbered, compiled)) found(numbered.entry);
      }
    }
    for (const numbered of compiled.loose) {
      if (this.#hasAll(numbered, compiled)) found(numbered.entry);
    }
  }

  #hasAll({ groups, loose }: Numbered, { automaton, seenIn }: Compiled): boolean {
    for (const group of groups) {
      if (!this.#hasSome(group, seenIn)) return false;
    }
    for (const { characters, literals } of loose) {
      if (!sawSome(automaton, characters) && !this.#hasSome(literals, seenIn)) return false;
    }
    return true;
  }

  #hasSome(literals: readonly number[], seenIn: Int32Array): boolean {
    for (const literal of literals) if (seenIn[literal] === this.#pass) return true;
    return false;
  }
}

function sawSome(automaton: LiteralAutomaton, characters: readonly number[]): boolean {
  for (const character of characters) if (automaton.sawCharacter(character)) return true;
  return false;
}

function compile(entries: readonly PrefilterEntry[]): Compiled {
  const numbers = new Map<string, number>();
  const literals: NumberedLiteral[] = [];
  const characters = new Set<string>();
  const numberOf = (literal: string): number => {
    const known = numbers.get(literal);
    if (known !== undefined) return known;
    const [text, isWord] = literalParts(literal);
    const number = literals.push({ text, isWord, number: literals.length }) - 1;
    numbers.set(literal, number);
    return number;
  };
  const grouped = entries.map(({ entry, requires }) => {
    const [first = [], ...groups] = requires.filter(isSelective).map((group) =>
      group.map(numberOf)
    );
    const loose = requires.filter((group) => !isSelective(group)).map((group) => {
      const single = group.filter(isCharacter);
      for (const character of single) characters.add(character);
      return {
        single,
        literals: group.filter((literal) => !isCharacter(literal)).map(numberOf),
      };
    });
    return { entry, first, groups, loose };
  });
  const automaton = new LiteralAutomaton(literals, characters);
  const triggered: Numbered[][] = literals.map(() => []);
  const loose: Numbered[] = [];
  for (const { entry, first, groups, loose: open } of grouped) {
    const numbered = {
      entry,
      groups,
      loose: open.map(({ single, literals }) => ({
        characters: single.map((character) => automaton.classOf(character)),
        literals,
      })),
    };
    if (first.length === 0) loose.push(numbered);
    for (const literal of first) triggered[literal]?.push(numbered);
  }
  return { automaton, triggered, loose, seenIn: new Int32Array(literals.length) };
}

function isCharacter(literal: string): boolean {
  return literal.length === 1;
}

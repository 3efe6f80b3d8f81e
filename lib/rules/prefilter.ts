import { LiteralAutomaton, type NumberedLiteral } from "./literal_automaton.ts";
import { isSelective, literalParts, type Requirement } from "./requirement.ts";

/** What a rule, or one of its conditions, requires of a text. */
export interface PrefilterEntry {
  /** Number that is reported when the text has what is required. */
  readonly entry: number;
  /** At least one group. */
  readonly requires: Requirement;
}

/** An entry with what it requires besides the group that triggers it. */
interface Numbered {
  readonly entry: number;
  /**
   * Groups one after the other, each with its size first: of numbers of literals,
   * and of classes of single characters as their complement, which are too common
   * to be looked for and quickly looked up.
   */
  readonly groups: Int32Array;
}

const NO_ENTRIES: readonly Numbered[] = [];

/** Entries by what makes them worth a look. */
interface Compiled {
  readonly automaton: LiteralAutomaton;
  /** By literal number: entries whose first group has it. */
  readonly triggered: readonly (readonly Numbered[])[];
  /** Entries all of whose groups have single characters. */
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

  #hasAll({ groups }: Numbered, { automaton, seenIn }: Compiled): boolean {
    for (let at = 0; at < groups.length;) {
      const end = at + 1 + groups[at]!;
      for (at += 1; at < end; at++) {
        const member = groups[at]!;
        if (member < 0 ? automaton.sawCharacter(~member) : seenIn[member] === this.#pass) break;
      }
      if (at === end) return false;
      at = end;
    }
    return true;
  }
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
  const required = entries.map(({ entry, requires }) => {
    const selective = requires.filter(isSelective);
    for (const literal of requires.flat()) {
      if (isCharacter(literal)) characters.add(literal);
      else numberOf(literal);
    }
    return { entry, first: selective[0], rest: requires.filter((group) => group !== selective[0]) };
  });
  const automaton = new LiteralAutomaton(literals, characters);
  const memberOf = (literal: string): number =>
    isCharacter(literal) ? ~automaton.classOf(literal) : numberOf(literal);
  const triggered: Numbered[][] = literals.map(() => []);
  const loose: Numbered[] = [];
  for (const { entry, first, rest } of required) {
    const groups = Int32Array.from(rest.flatMap((group) => [group.length, ...group.map(memberOf)]));
    if (first === undefined) loose.push({ entry, groups });
    for (const literal of first ?? []) triggered[numberOf(literal)]?.push({ entry, groups });
  }
  return { automaton, triggered, loose, seenIn: new Int32Array(literals.length) };
}

function isCharacter(literal: string): boolean {
  return literal.length === 1;
}

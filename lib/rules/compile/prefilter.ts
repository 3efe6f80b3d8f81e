import { LiteralAutomaton, type NumberedLiteral } from "./literal_automaton.ts";
import { isSelective, literalParts, type Requirement } from "./requirement.ts";

/** What a rule, or one of its conditions, requires of a text. */
export interface PrefilterEntry {
  /** Number that is reported when the text has what is required. */
  readonly entry: number;
  /** At least one group. */
  readonly requires: Requirement;
}

/** Entries by what makes them worth a look. */
interface Compiled {
  readonly automaton: LiteralAutomaton;
  /**
   * By literal number: entries whose first group has it, one after the other, each
   * with the place where the next one begins, its own number and its further
   * groups. A group is its size and then numbers of literals, or, as their
   * complement, classes of single characters, which are too common to be looked for
   * and quickly looked up.
   */
  readonly triggered: readonly Int32Array[];
  /** Entries all of whose groups have single characters. */
  readonly loose: Int32Array;
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
    const { automaton, triggered, loose } = this.#compiled ??= compile(this.#entries);
    automaton.begin();
    automaton.scan(text);
    if (more !== undefined) automaton.scan(more);
    const { count } = automaton;
    for (let index = 0; index < count; index++) {
      report(triggered[automaton.seen(index)]!, automaton, found);
    }
    report(loose, automaton, found);
  }
}

function report(
  entries: Int32Array,
  automaton: LiteralAutomaton,
  found: (entry: number) => void,
): void {
  for (let at = 0; at < entries.length;) {
    const next = entries[at]!;
    if (hasAll(entries, at + 2, next, automaton)) found(entries[at + 1]!);
    at = next;
  }
}

function hasAll(
  entries: Int32Array,
  from: number,
  to: number,
  automaton: LiteralAutomaton,
): boolean {
  for (let at = from; at < to;) {
    const end = at + 1 + entries[at]!;
    for (at += 1; at < end; at++) {
      const member = entries[at]!;
      if (member < 0 ? automaton.sawCharacter(~member) : automaton.saw(member)) break;
    }
    if (at === end) return false;
    at = end;
  }
  return true;
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
    const rest = requires.filter((group) => group !== selective[0]);
    // The group with the fewest members is told in the least time, and fails most often.
    return { entry, first: selective[0], rest: rest.toSorted((a, b) => a.length - b.length) };
  });
  const automaton = new LiteralAutomaton(literals, characters);
  const memberOf = (literal: string): number =>
    isCharacter(literal) ? ~automaton.classOf(literal) : numberOf(literal);
  const triggered: number[][] = literals.map(() => []);
  const loose: number[] = [];
  for (const { entry, first, rest } of required) {
    const groups = rest.flatMap((group) => [group.length, ...group.map(memberOf)]);
    const places = first === undefined
      ? [loose]
      : first.map((literal) => triggered[numberOf(literal)]!);
    for (const place of places) place.push(place.length + 2 + groups.length, entry, ...groups);
  }
  return {
    automaton,
    triggered: triggered.map((all) => Int32Array.from(all)),
    loose: Int32Array.from(loose),
  };
}

function isCharacter(literal: string): boolean {
  return literal.length === 1;
}

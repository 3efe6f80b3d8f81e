import { foldText, type Requirement } from "./requirement.ts";

/** Literals shorter than this are everywhere; a rule with such a one is simply tried. */
const MIN_LITERAL = 2;

/** Whether a group of literals tells texts apart; see `Prefilter`. */
export function isSelective(group: readonly string[]): boolean {
  return group.length > 0 && group.every((literal) => literal.length >= MIN_LITERAL);
}

/** What the prefilter of one field needs to know of one rule. */
export interface PrefilterEntry {
  /** Rule's place in the set. */
  readonly rule: number;
  /** At least one group, all of them selective. */
  readonly requires: Requirement;
}

/**
 * Finds, in one pass over a text, the rules that could match it. One native
 * regular expression is the union of all literals, which measured faster than the
 * Aho-Corasick packages; the search goes on one character behind each start, so
 * that literals which overlap are all found.
 */
export class Prefilter {
  readonly #union: RegExp | undefined;
  /** By literal: the literal's number and those of the literals that begin it. */
  readonly #implied = new Map<string, readonly number[]>();
  /** By literal number: rules that it makes candidates. */
  readonly #triggers: (readonly number[])[] = [];
  /** By rule: further groups of literal numbers of which one each must have been seen. */
  readonly #groups = new Map<number, readonly (readonly number[])[]>();
  /** By literal number: the pass in which it was last seen. */
  readonly #seen: Int32Array;
  #pass = 0;

  constructor(entries: readonly PrefilterEntry[]) {
    const numbers = new Map<string, number>();
    const triggers: number[][] = [];
    const numberOf = (literal: string): number => {
      const known = numbers.get(literal);
      if (known !== undefined) return known;
      const next = numbers.size;
      numbers.set(literal, next);
      triggers.push([]);
      return next;
    };
    for (const { rule, requires } of entries) {
      const [first = [], ...others] = requires.map((group) => group.map(numberOf));
      for (const literal of first) triggers[literal]?.push(rule);
      if (others.length > 0) this.#groups.set(rule, others);
    }
    this.#triggers = triggers;
    this.#seen = new Int32Array(numbers.size);
    const literals = [...numbers.keys()];
    for (const literal of literals) {
      this.#implied.set(
        literal,
        literals.filter((other) => literal.startsWith(other))
          .map((other) => numbers.get(other) ?? 0),
      );
    }
    if (literals.length > 0) {
      const longestFirst = literals.sort((a, b) => b.length - a.length);
      this.#union = new RegExp(longestFirst.map(escaped).join("|"), "g");
    }
  }

  /**
   * Calls back for every rule that the text makes a candidate; a rule may come
   * more than once. Allocates nothing when no literal occurs in a text that is
   * lower-case already.
   */
  scan(text: string, candidate: (rule: number) => void): void {
    const union = this.#union;
    if (union === undefined) return;
    const folded = foldText(text);
    union.lastIndex = 0;
    let match = union.exec(folded);
    if (match === null) return;
    const pass = this.#nextPass();
    const found: number[] = [];
    while (match !== null) {
      for (const literal of this.#implied.get(match[0]) ?? []) {
        if (this.#seen[literal] === pass) continue;
        this.#seen[literal] = pass;
        found.push(literal);
      }
      union.lastIndex = match.index + 1;
      match = union.exec(folded);
    }
    for (const literal of found) {
      for (const rule of this.#triggers[literal] ?? []) {
        if (this.#hasAllGroups(rule, pass)) candidate(rule);
      }
    }
  }

  #hasAllGroups(rule: number, pass: number): boolean {
    const groups = this.#groups.get(rule);
    return groups === undefined ||
      groups.every((group) => group.some((literal) => this.#seen[literal] === pass));
  }

  #nextPass(): number {
    if (this.#pass === 0x7fffffff) {
      this.#seen.fill(0);
      this.#pass = 0;
    }
    return ++this.#pass;
  }
}

function escaped(literal: string): string {
  return literal.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

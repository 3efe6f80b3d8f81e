/** One literal to look for: lower-case ASCII, not empty. */
export interface NumberedLiteral {
  readonly text: string;
  /** Whether it counts only where no letter, digit or `_` stands beside it. */
  readonly isWord: boolean;
  readonly number: number;
}

const ASCII = 128;

/** Class of the characters that stand in no literal. */
const OTHER = 0;

/** Edge of a state where no literal goes on. */
const NO_CLASS = 255;

const NONE = -1;

/** What is not ASCII and lower-cases to it: as RE2 folds U+017F and U+212A, and `toLowerCase()` the rest. */
const FOLDED: ReadonlyMap<number, string> = new Map([[0x17f, "s"], [0x212a, "k"], [0x130, "i"]]);

/**
 * All of a set of literals in one pass over a text, whatever its case: the
 * automaton of Aho and Corasick. The time does not depend on how many literals
 * there are, and looking allocates nothing. A state where the literals branch has
 * a row with the next state for each class of characters; the others, nearly all,
 * have one way on and a state to fall back to, so that memory grows with the
 * literals and not with their product with the alphabet.
 */
export class LiteralAutomaton {
  /** By ASCII code: class of the character, the same for both its cases. */
  readonly #classOf: Uint8Array;
  /** By state: where its row begins in `#rows`. */
  readonly #row: Int32Array;
  readonly #rows: Int32Array;
  /** By state: class of its one way on, where that leads, and the state to fall back to. */
  readonly #edgeClass: Uint8Array;
  readonly #edge: Int32Array;
  readonly #fallback: Int32Array;
  /** By state: the nearest state, itself or one that ends it, where literals end; and the next one. */
  readonly #ending: Int32Array;
  readonly #nextEnding: Int32Array;
  /** By state: literals that end there. */
  readonly #literals: readonly (readonly NumberedLiteral[])[];
  /** By class: the look in which one of its characters was seen. */
  readonly #seenIn = new Int32Array(ASCII + 1);
  #look = 0;

  /**
   * @param literals texts to look for
   * @param characters further characters that `sawCharacter()` is asked about
   */
  constructor(literals: readonly NumberedLiteral[], characters: Iterable<string> = []) {
    this.#classOf = classes([...literals.map(({ text }) => text), ...characters]);
    const trie = new Trie();
    for (const literal of literals) trie.add(literal, this.#classOf);
    const states = trie.children.length;
    this.#literals = trie.literals;
    this.#row = new Int32Array(states).fill(NONE);
    this.#edgeClass = new Uint8Array(states).fill(NO_CLASS);
    this.#edge = new Int32Array(states);
    this.#fallback = new Int32Array(states);
    this.#ending = new Int32Array(states).fill(NONE);
    this.#nextEnding = new Int32Array(states).fill(NONE);
    const width = Math.max(...this.#classOf) + 1;
    const branching = trie.children.filter(({ size }, state) => state === 0 || size > 1).length;
    this.#rows = new Int32Array(branching * width);
    this.#connect(trie, width);
  }

  /** Breadth first, so that the shorter states that a state falls back to are ready before it. */
  #connect({ children }: Trie, width: number): void {
    let rows = 0;
    const order = [0];
    for (const state of order) {
      const ways = children[state] ?? new Map<number, number>();
      const fallback = this.#fallback[state] ?? 0;
      this.#nextEnding[state] = state === 0 ? NONE : this.#ending[fallback] ?? NONE;
      this.#ending[state] = this.#literals[state] === undefined
        ? this.#nextEnding[state] ?? NONE
        : state;
      for (const [kind, next] of ways) {
        this.#fallback[next] = state === 0 ? 0 : this.#step(fallback, kind);
        order.push(next);
      }
      if (state !== 0 && ways.size <= 1) {
        for (const [kind, next] of ways) {
          this.#edgeClass[state] = kind;
          this.#edge[state] = next;
        }
        continue;
      }
      const row = rows++ * width;
      for (let kind = 0; kind < width; kind++) {
        this.#rows[row + kind] = ways.get(kind) ?? (state === 0 ? 0 : this.#step(fallback, kind));
      }
      this.#row[state] = row;
    }
  }

  #step(from: number, kind: number): number {
    for (let state = from;; state = this.#fallback[state]!) {
      const row = this.#row[state]!;
      if (row >= 0) return this.#rows[row + kind]!;
      if (this.#edgeClass[state] === kind) return this.#edge[state]!;
    }
  }

  /** Begins a look at one or more texts: forgets which characters were seen. */
  begin(): void {
    this.#look = this.#look === 0x7fffffff ? 1 : this.#look + 1;
  }

  /** Calls back with the number of a literal for every occurrence of it. */
  scan(text: string, found: (literal: number) => void): void {
    const classOf = this.#classOf;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const kind = code < ASCII ? classOf[code]! : this.#unusual(code);
      this.#seenIn[kind] = this.#look;
      state = this.#step(state, kind);
      let ending = this.#ending[state]!;
      for (; ending >= 0; ending = this.#nextEnding[ending]!) {
        for (const literal of this.#literals[ending]!) {
          if (!literal.isWord || standsAlone(text, at + 1 - literal.text.length, at + 1)) {
            found(literal.number);
          }
        }
      }
    }
  }

  /** Class of a character for `sawCharacter()`. */
  classOf(character: string): number {
    return this.#classOf[character.charCodeAt(0)] ?? OTHER;
  }

  /** Whether a character of a class stands in one of the texts looked at since `begin()`. */
  sawCharacter(kind: number): boolean {
    return this.#seenIn[kind] === this.#look;
  }

  #unusual(code: number): number {
    const folded = FOLDED.get(code);
    return folded === undefined ? OTHER : this.classOf(folded);
  }
}

/** Literals as a tree of classes; state 0 is the empty text. */
class Trie {
  /** By state: by class, the state it leads to. */
  readonly children: Map<number, number>[] = [new Map()];
  /** By state: literals that end there. */
  readonly literals: NumberedLiteral[][] = [];

  add(literal: NumberedLiteral, classOf: Uint8Array): void {
    let state = 0;
    for (let at = 0; at < literal.text.length; at++) {
      const kind = classOf[literal.text.charCodeAt(at)] ?? OTHER;
      const ways = this.children[state]!;
      let next = ways.get(kind);
      if (next === undefined) {
        next = this.children.push(new Map()) - 1;
        ways.set(kind, next);
      }
      state = next;
    }
    (this.literals[state] ??= []).push(literal);
  }
}

/** Numbers the characters that occur, in both cases alike. */
function classes(texts: Iterable<string>): Uint8Array {
  const classOf = new Uint8Array(ASCII);
  let count = OTHER;
  for (const text of texts) {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code < ASCII && classOf[code] === OTHER) {
        count += 1;
        classOf[code] = count;
        classOf[text.charAt(at).toUpperCase().charCodeAt(0)] = count;
      }
    }
  }
  return classOf;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return !isWordCode(text.charCodeAt(start - 1)) && !isWordCode(text.charCodeAt(end));
}

/** `\w`; what is not there (NaN) is none. */
function isWordCode(code: number): boolean {
  return code >= 97 && code <= 122 || code >= 48 && code <= 57 || code >= 65 && code <= 90 ||
    code === 95;
}

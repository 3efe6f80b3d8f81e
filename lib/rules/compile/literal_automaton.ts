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
  /** Bits by which a row's number is shifted to where it begins in `#rows`. */
  readonly #shift: number;
  /** States below have rows. */
  readonly #rowed: number;
  /** Next states; the complement of one where literals end. */
  readonly #rows: Int32Array;
  /** By state: class of its one way on, where that leads as in `#rows`, and the state to fall back to. */
  readonly #edgeClass: Uint8Array;
  readonly #edge: Int32Array;
  readonly #fallback: Int32Array;
  /** By state: where the literals that end there begin in `#literals`; none when the next one begins there too. */
  readonly #ending: Int32Array;
  /** Numbers of literals, and by place: length of one that must be a word, else 0. */
  readonly #literals: Int32Array;
  readonly #wordLength: Int32Array;
  /** By literal, and by class of characters: the look in which one was last seen. */
  readonly #seenIn: Int32Array;
  readonly #classSeenIn = new Int32Array(ASCII + 1);
  /** Literals seen in this look, in the order of their first ends. */
  readonly #seen: Int32Array;
  #seenCount = 0;
  #look = 0;

  /**
   * @param literals texts to look for, numbered from 0
   * @param characters further characters that `sawCharacter()` is asked about
   */
  constructor(literals: readonly NumberedLiteral[], characters: Iterable<string> = []) {
    const classOf = classes([...literals.map(({ text }) => text), ...characters]);
    this.#classOf = classOf;
    const trie = new Trie();
    for (const literal of literals) trie.add(literal, classOf);
    const width = Math.max(...classOf) + 1;
    this.#shift = Math.ceil(Math.log2(width));
    const order = trie.inOrder();
    const states = order.states.length;
    this.#rowed = order.rowed;
    this.#rows = new Int32Array(order.rowed << this.#shift);
    this.#edgeClass = new Uint8Array(states).fill(NO_CLASS);
    this.#edge = new Int32Array(states);
    this.#fallback = new Int32Array(states);
    const ending = this.#connect(order, width);
    this.#ending = new Int32Array(states + 1);
    const ends: NumberedLiteral[] = [];
    for (const [state, all] of ending.entries()) {
      this.#ending[state] = ends.length;
      for (const literal of all) ends.push(literal);
    }
    this.#ending[states] = ends.length;
    this.#literals = Int32Array.from(ends, ({ number }) => number);
    this.#wordLength = Int32Array.from(ends, ({ text, isWord }) => isWord ? text.length : 0);
    for (const next of [this.#rows, this.#edge]) {
      for (const [from, state] of next.entries()) {
        if (ending[state]!.length > 0) next[from] = ~state;
      }
    }
    this.#seenIn = new Int32Array(literals.length);
    this.#seen = new Int32Array(literals.length);
  }

  /**
   * Breadth first, so that the shorter states that a state falls back to are ready
   * before it.
   *
   * @returns by state: the literals that end there, its own and those of what it falls back to
   */
  #connect(
    { states, breadthFirst }: Order,
    width: number,
  ): readonly (readonly NumberedLiteral[])[] {
    const ending: (readonly NumberedLiteral[])[] = states.map(() => []);
    for (const state of breadthFirst) {
      const { ways, literals } = states[state]!;
      const fallback = this.#fallback[state]!;
      const inherited = state === 0 ? [] : ending[fallback]!;
      ending[state] = literals.length === 0 ? inherited : [...literals, ...inherited];
      for (const [kind, next] of ways) {
        this.#fallback[next] = state === 0 ? 0 : this.#step(fallback, kind);
      }
      if (state >= this.#rowed) {
        for (const [kind, next] of ways) {
          this.#edgeClass[state] = kind;
          this.#edge[state] = next;
        }
        continue;
      }
      const row = state << this.#shift;
      for (let kind = 0; kind < width; kind++) {
        this.#rows[row + kind] = ways.get(kind) ?? (state === 0 ? 0 : this.#step(fallback, kind));
      }
    }
    return ending;
  }

  /** The next state, as it stands in the tables. */
  #step(from: number, kind: number): number {
    let state = from;
    for (; state >= this.#rowed; state = this.#fallback[state]!) {
      if (this.#edgeClass[state] === kind) return this.#edge[state]!;
    }
    return this.#rows[(state << this.#shift) + kind]!;
  }

  /** Begins a look at one or more texts: forgets what was seen. */
  begin(): void {
    this.#look = this.#look === 0x7fffffff ? 1 : this.#look + 1;
    this.#seenCount = 0;
  }

  /** Looks through a text. */
  scan(text: string): void {
    const classOf = this.#classOf;
    const classSeenIn = this.#classSeenIn;
    const look = this.#look;
    const rows = this.#rows;
    const rowed = this.#rowed;
    const shift = this.#shift;
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      const kind = code < ASCII ? classOf[code]! : this.#unusual(code);
      classSeenIn[kind] = look;
      state = state < rowed ? rows[(state << shift) + kind]! : this.#step(state, kind);
      if (state < 0) {
        state = ~state;
        this.#note(state, text, at + 1);
      }
    }
  }

  #note(state: number, text: string, end: number): void {
    const to = this.#ending[state + 1]!;
    for (let place = this.#ending[state]!; place < to; place++) {
      const literal = this.#literals[place]!;
      if (this.#seenIn[literal] === this.#look) continue;
      const length = this.#wordLength[place]!;
      if (length > 0 && !standsAlone(text, end - length, end)) continue;
      this.#seenIn[literal] = this.#look;
      this.#seen[this.#seenCount++] = literal;
    }
  }

  /** How many literals were seen since `begin()`. */
  get count(): number {
    return this.#seenCount;
  }

  /** Number of the literal that was seen as one of `count`. */
  seen(index: number): number {
    return this.#seen[index]!;
  }

  /** Whether a literal stands in one of the texts looked at since `begin()`. */
  saw(literal: number): boolean {
    return this.#seenIn[literal] === this.#look;
  }

  /** Class of a character for `sawCharacter()`. */
  classOf(character: string): number {
    return this.#classOf[character.charCodeAt(0)] ?? OTHER;
  }

  /** Whether a character of a class stands in one of the texts looked at since `begin()`. */
  sawCharacter(kind: number): boolean {
    return this.#classSeenIn[kind] === this.#look;
  }

  #unusual(code: number): number {
    const folded = FOLDED.get(code);
    return folded === undefined ? OTHER : this.classOf(folded);
  }
}

/** A state while the automaton is made: by class, the state it leads to, and the literals that end there. */
interface State {
  readonly ways: Map<number, number>;
  readonly literals: NumberedLiteral[];
}

/** States by number: first those that get a row. */
interface Order {
  readonly states: readonly State[];
  readonly rowed: number;
  /** Numbers of the states, the shorter ones first. */
  readonly breadthFirst: readonly number[];
}

/** Literals as a tree of classes; state 0 is the empty text. */
class Trie {
  readonly #states: State[] = [{ ways: new Map(), literals: [] }];

  add(literal: NumberedLiteral, classOf: Uint8Array): void {
    let state = this.#states[0]!;
    for (let at = 0; at < literal.text.length; at++) {
      const kind = classOf[literal.text.charCodeAt(at)] ?? OTHER;
      const known = state.ways.get(kind);
      if (known === undefined) {
        const next: State = { ways: new Map(), literals: [] };
        state.ways.set(kind, this.#states.push(next) - 1);
        state = next;
      } else state = this.#states[known]!;
    }
    state.literals.push(literal);
  }

  /** Numbers the states anew. */
  inOrder(): Order {
    const breadthFirst = [0];
    for (const state of breadthFirst) breadthFirst.push(...this.#states[state]!.ways.values());
    const rowed = breadthFirst.filter((state) => state === 0 || this.#states[state]!.ways.size > 1);
    const hasRow = new Set(rowed);
    const ordered = [...rowed, ...breadthFirst.filter((state) => !hasRow.has(state))];
    const numberOf = new Int32Array(ordered.length);
    for (const [number, state] of ordered.entries()) numberOf[state] = number;
    const states = ordered.map((state) => {
      const { ways, literals } = this.#states[state]!;
      return { ways: new Map([...ways].map(([kind, next]) => [kind, numberOf[next]!])), literals };
    });
    return {
      states,
      rowed: rowed.length,
      breadthFirst: breadthFirst.map((state) => numberOf[state]!),
    };
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

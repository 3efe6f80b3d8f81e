import type { RE2JS } from "re2js";

/** The engine's searches that may match anywhere. */
const UNANCHORED = 0;

/** What the engine's automaton takes for the end of a text. */
const END_TEXT = -1;

/** Characters whose class is looked up by their number. */
const ASCII = 128;

/** Units that may be one half of a character. */
const SURROGATES = 0xd800;
const SURROGATES_END = 0xdfff;

/** Answers of `reach()` besides a position. */
export const NO_MATCH = -1;
const NO_ROOM = -2;

/** Entries of the table besides the row of the next state: none is known yet, or a match is. */
const UNKNOWN = 0;
const MATCH = -1;

/** Most entries of a table: 256 KiB a pattern, and hostile texts alone need so many. */
const MAX_ENTRIES = 64 * 1024;

/** What the engine asks of a text at its beginning: that it begins there, and a line too. */
const BEGINNING = { context: () => 1 | 4 };

/** A state of the engine's automaton, as far as it is read. */
interface State {
  readonly isMatch: boolean;
}

/**
 * Tells whether a pattern matches in a text, and how far one has to read to know, by
 * a table of the states that the engine's automaton has come to. The engine does the
 * same by objects, but what it prepares for a search costs several times the search of
 * a short word, and it takes several times as long for a character; and it has no cheap
 * answer to where.
 */
export class AutomatonSearch {
  readonly #re2: ReturnType<RE2JS["re2"]>;
  readonly #dfa: ReturnType<RE2JS["re2"]>["dfa"];
  /** Two cache lines a pattern, not sixteen: a command is searched for many patterns in turn. */
  readonly #classOf: Uint8Array;
  /** Classes of characters, and one for the end of the text. */
  readonly #width: number;
  /** Rows of states: by class of characters, where the row of the next state begins. */
  #table: Int32Array;
  /** By row. */
  #states: State[] = [];
  readonly #rows = new Map<State, number>();

  /** @param compiled the pattern, without look-behinds */
  constructor(compiled: RE2JS) {
    this.#re2 = compiled.re2();
    this.#dfa = this.#re2.dfa;
    const { latin1Class, numClasses } = this.#dfa as unknown as {
      latin1Class: Int32Array;
      numClasses: number;
    };
    this.#classOf = Uint8Array.from(latin1Class.subarray(0, ASCII));
    this.#width = numClasses + 1;
    this.#table = new Int32Array(4 * this.#width);
  }

  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean {
    const at = this.#run(text);
    // The engine knows what to do when there is no room for a further state.
    return at === NO_ROOM ? this.#re2.match(text) : at !== NO_MATCH;
  }

  /**
   * Where a match is known of that ends before all others: right behind its end, or one
   * character further; the end of the text when it cannot be told.
   *
   * @returns `NO_MATCH` when there is none
   */
  reach(text: string): number {
    const at = this.#run(text);
    if (at !== NO_ROOM) return at;
    return this.#re2.match(text) ? text.length : NO_MATCH;
  }

  #run(text: string): number {
    const classOf = this.#classOf;
    let table = this.#table;
    let row = this.#start();
    if (row < 0) return row === MATCH ? 0 : NO_ROOM;
    for (let at = 0; at < text.length; at++) {
      let code = text.charCodeAt(at);
      let kind: number;
      if (code < ASCII) kind = classOf[code]!;
      else {
        if (code >= SURROGATES && code <= SURROGATES_END) {
          code = text.codePointAt(at)!;
          if (code > 0xffff) at += 1;
        }
        kind = this.#dfa.runeClass(code);
      }
      let next = table[row + kind]!;
      if (next <= UNKNOWN) {
        if (next === UNKNOWN) {
          next = this.#step(row, kind, code);
          table = this.#table;
        }
        if (next < 0) return next === MATCH ? at : NO_ROOM;
      }
      row = next;
    }
    const end = this.#width - 1;
    const last = table[row + end]! || this.#step(row, end, END_TEXT);
    if (last === NO_ROOM) return NO_ROOM;
    return last === MATCH ? text.length : NO_MATCH;
  }

  /** The row of the state in which a text begins. */
  #start(): number {
    const first = this.#states[1];
    if (first !== undefined) return this.#width;
    const state = this.#dfa.start(BEGINNING, 0);
    return state === null ? NO_ROOM : state.isMatch ? MATCH : this.#rowOf(state);
  }

  /** Asks the engine for the next state. */
  #step(row: number, kind: number, code: number): number {
    const from = this.#states[row / this.#width]!;
    const state = this.#dfa.step(from, kind, code, UNANCHORED);
    if (state === null) return NO_ROOM;
    if (state.isMatch) return this.#table[row + kind] = MATCH;
    const known = this.#rows.get(state);
    if (known === undefined && (this.#rows.size + 2) * this.#width > MAX_ENTRIES) {
      this.#rows.clear();
      this.#states = [];
      this.#table.fill(UNKNOWN);
      if (this.#start() < 0) return NO_ROOM;
      return this.#rowOf(state);
    }
    return this.#table[row + kind] = known ?? this.#rowOf(state);
  }

  /** A row of its own for a state; the first one is never used, so that no row begins at 0. */
  #rowOf(state: State): number {
    const known = this.#rows.get(state);
    if (known !== undefined) return known;
    const row = (this.#rows.size + 1) * this.#width;
    if (row + this.#width > this.#table.length) {
      const larger = new Int32Array(this.#table.length * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    this.#rows.set(state, row);
    this.#states[row / this.#width] = state;
    return row;
  }
}

import type { RE2JS } from "re2js";

/** Longest text that is searched here, in characters; for longer ones the engine has more to offer. */
const SHORT = 1024;

/** The engine's searches that may match anywhere. */
const UNANCHORED = 0;

/** What the engine's automaton takes for the end of a text. */
const END_TEXT = -1;

/** Characters whose class is looked up by their number; a text with others is left to the engine. */
const ASCII = 128;

/** What the engine asks of a text at its beginning: that it begins there, and a line too. */
const BEGINNING = { context: () => 1 | 4 };

/** A state of the engine's automaton, as far as it is read. */
interface State {
  readonly isMatch: boolean;
  /** By class of characters, and behind them for the end: the next state, once it is known. */
  readonly next: readonly (State | null)[] | null;
}

/**
 * Tells whether a pattern matches in a short text, by going through the states
 * that the engine's automaton has found. The engine does the same, but for words
 * of twenty characters what it prepares for a search costs several times the
 * search itself.
 */
export class ShortSearch {
  readonly #re2: ReturnType<RE2JS["re2"]>;
  readonly #dfa: ReturnType<RE2JS["re2"]>["dfa"];
  /** Two cache lines a pattern, not sixteen: a command is searched for many patterns in turn. */
  readonly #classOf: Uint8Array;
  readonly #endClass: number;

  /** @param compiled the pattern, without look-behinds */
  constructor(compiled: RE2JS) {
    this.#re2 = compiled.re2();
    this.#dfa = this.#re2.dfa;
    const { latin1Class, numClasses } = this.#dfa as unknown as {
      latin1Class: Int32Array;
      numClasses: number;
    };
    this.#classOf = Uint8Array.from(latin1Class.subarray(0, ASCII));
    this.#endClass = numClasses;
  }

  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean {
    if (text.length > SHORT) return this.#re2.match(text);
    const classOf = this.#classOf;
    const dfa = this.#dfa;
    let state: State | null = dfa.start(BEGINNING, 0);
    for (let at = 0; at < text.length && state !== null; at++) {
      const code = text.charCodeAt(at);
      if (code >= ASCII) return this.#re2.match(text);
      const kind = classOf[code]!;
      const known: State | null = state.next === null ? null : state.next[kind]!;
      state = known === null ? dfa.step(state, kind, code, UNANCHORED) : known;
      if (state !== null && state.isMatch) return true;
    }
    if (state !== null) state = dfa.step(state, this.#endClass, END_TEXT, UNANCHORED);
    // The engine knows what to do when there is no room for a further state.
    return state === null ? this.#re2.match(text) : state.isMatch;
  }
}

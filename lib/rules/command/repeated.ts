import type {
  CompoundCommand,
  CompoundList,
  For,
  Function as FunctionNode,
  Redirected,
} from "unbash";
import { type Expander, expandWord } from "./words/expand.ts";

/** Calls of functions and turns of loops that are read of one text. */
const MAX_REPEATS = 32;

/** Words of a loop that are tried. */
const MAX_LOOP_WORDS = 4;

/** Body of a function. */
type Body = CompoundCommand | Redirected;

/** What reads bodies. `P` is where a body stands. */
export interface BodyReader<P> {
  readonly expander: Expander;
  /** Reads a list of commands where it stands. */
  readList(list: CompoundList): void;
  /** Reads a body that stands somewhere else. */
  readBody(body: Body, place: P): void;
}

/**
 * Reads what a text runs more than once with other values: the body of a loop
 * whose variable names the program, and the body of a function that is called.
 */
export class RepeatedBodies<P extends { readonly depth: number }> {
  readonly #reader: BodyReader<P>;
  readonly #functions = new Map<string, { readonly body: Body; readonly place: P }>();
  #repeats = 0;

  /** @param reader reads the bodies */
  constructor(reader: BodyReader<P>) {
    this.#reader = reader;
  }

  /** Reads a loop once, and once more for each word where its variable names a program. */
  loop({ name: { value }, wordlist, body }: For): void {
    const { expander } = this.#reader;
    const { scope } = expander;
    const words: string[] = [];
    for (const word of wordlist ?? []) expandWord(word, expander, words);
    if (words.length === 1) scope.setVariable(value, words[0] ?? "");
    const watched = { name: value, namesProgram: false };
    const before = scope.watched;
    scope.watched = watched;
    this.#reader.readList(body);
    scope.watched = before;
    if (!watched.namesProgram || words.length < 2) return;
    for (const word of words.slice(0, MAX_LOOP_WORDS)) {
      if (++this.#repeats > MAX_REPEATS) return;
      if (!scope.take(body.end - body.pos)) return;
      scope.setVariable(value, word);
      this.#reader.readList(body);
    }
  }

  /** Reads a function where it stands, and remembers it if its body uses the arguments of a call. */
  define({ name, body }: FunctionNode, place: P): void {
    const { scope } = this.#reader.expander;
    const asked = scope.asksParameters;
    scope.asksParameters = false;
    if (body.type === "CompoundList") this.#reader.readList(body);
    else {
      this.#reader.readBody(body, place);
      if (scope.asksParameters && this.#functions.size < MAX_REPEATS) {
        this.#functions.set(name.value, { body, place });
      }
    }
    scope.asksParameters = asked;
  }

  /**
   * Reads the body of a function with the arguments of a call.
   *
   * @param depth how deep the call is nested
   */
  call(name: string, argv: readonly string[], depth: number): void {
    const called = this.#functions.size === 0 ? undefined : this.#functions.get(name);
    if (called === undefined || ++this.#repeats > MAX_REPEATS) return;
    const { scope } = this.#reader.expander;
    if (!scope.take(called.body.end - called.body.pos)) return;
    const before = scope.parameters;
    scope.parameters = argv;
    this.#reader.readBody(called.body, { ...called.place, depth });
    scope.parameters = before;
  }
}

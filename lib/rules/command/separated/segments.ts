import { programName } from "../programs.ts";
import { ASSIGNMENT, isWrapper } from "../effects/wrappers.ts";

/** A part of a text between two separators, with those before it in its pipeline. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** Where the segments begin and end whose output it reads, nearest last. */
  readonly before: readonly number[];
}

/** Segments of a text with the same program: the first ones, and the last in turn. */
interface Alike {
  readonly first: Segment[];
  readonly last: Segment[];
  count: number;
  /** How they are written: what comes again adds nothing. */
  readonly written: Set<string>;
}

/** Of segments that begin alike, as many are kept from the beginning, and as many from the end. */
const KEPT_ALIKE = 32;

/** Stages of a pipeline that are noted before a command. */
export const STAGES = 4;

/** Words in front of a program that are stepped over to find it. */
const MAX_FRONT = 8;

/** Characters of a first word that are looked at. */
const MAX_WORD = 64;

const PIPE = 124;
const NEWLINE = 10;

const SEPARATOR = 1;
const QUOTE = 2;
const BLANK = 3;
const REDIRECTION_MARK = 4;

/** By ASCII code: what ends a segment. */
const MARKS = marks([[";&|\n\r\0(){}`", SEPARATOR], ["'\"", QUOTE], [" \t", BLANK], [
  ">",
  REDIRECTION_MARK,
]]);

export const QUOTED = /['"\\$]/;
export const BLANKS = /\s+/;

/** Words of the grammar that stand before a command. */
export const BEFORE_COMMAND = new Set([
  "then",
  "do",
  "else",
  "elif",
  "if",
  "while",
  "until",
  "!",
  "time",
]);

/**
 * Splits a text at its separators, and keeps of the segments with the same program the
 * first and the last that differ.
 *
 * @param isNamed whether a rule asks for a program of that name
 * @param most segments that are kept in all
 * @returns in the order of the text
 */
export function segmentsOf(
  text: string,
  isNamed: (program: string) => boolean,
  most: number,
): readonly Segment[] {
  const kinds = new Map<string, string>();
  const kindOf = (word: string): string => {
    let kind = kinds.get(word);
    if (kind === undefined) kinds.set(word, kind = kindOfWord(word, isNamed));
    return kind;
  };
  const alike = [...collect(text, false, kindOf)];
  // Once more with quotes as separators, for the scripts that stand in them.
  if (/['"]/.test(text)) alike.push(...collect(text, true, kindOf));
  const each = Math.max(1, Math.floor(most / 2 / alike.length));
  const segments: Segment[] = [];
  for (const { first, last, count } of alike) {
    const all = first.length + last.length;
    for (let index = 0; index < all; index++) {
      if (index >= each && index < all - each) continue;
      const inTurn = count - last.length + index - first.length;
      segments.push(first[index] ?? last[inTurn % KEPT_ALIKE]!);
    }
  }
  segments.sort((a, b) => a.start - b.start);
  if (segments.length <= most) return segments;
  // What stands at the end would otherwise hide behind many programs.
  segments.splice(most >> 1, segments.length - most);
  return segments;
}

function collect(
  text: string,
  quotesToo: boolean,
  kindOf: (word: string) => string,
): Iterable<Alike> {
  const alike = new Map<string, Alike>();
  const before = new Before();
  let start = 0;
  let isEmpty = true;
  let writes = false;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : NEWLINE;
    const mark = code < MARKS.length ? MARKS[code]! : 0;
    if (mark === 0) {
      isEmpty = false;
      continue;
    }
    if (mark === BLANK || mark === QUOTE && !quotesToo) continue;
    if (mark === REDIRECTION_MARK) {
      isEmpty = false;
      writes = true;
      continue;
    }
    const piped = code === PIPE && text.charCodeAt(at + 1) !== PIPE &&
      text.charCodeAt(at - 1) !== PIPE;
    if (!isEmpty) {
      const key = keyOf(text, start, at, kindOf);
      if (key !== undefined) {
        const kept = alikeOf(alike, `${key}${writes ? ">" : ""}${piped ? "|" : ""}`);
        // What follows decides whether two that read alike are the same.
        if (isNew(kept, text.slice(start, Math.min(at + 1, start + 256)))) {
          keep(kept, { start, end: at, before: before.noted() });
        }
      }
      isEmpty = true;
      writes = false;
    }
    if (piped) before.note(start, at);
    else before.clear();
    start = at + 1;
  }
  return alike.values();
}

/** Where the segments stand that lie before the one at hand in its pipeline. */
class Before {
  readonly #places = new Int32Array(2 * STAGES);
  #count = 0;

  note(start: number, end: number): void {
    this.#places.copyWithin(0, 2);
    this.#places[2 * STAGES - 2] = start;
    this.#places[2 * STAGES - 1] = end;
    if (this.#count < STAGES) this.#count += 1;
  }

  clear(): void {
    this.#count = 0;
  }

  noted(): readonly number[] {
    if (this.#count === 0) return NOWHERE;
    const places: number[] = [];
    for (let at = 2 * (STAGES - this.#count); at < 2 * STAGES; at++) {
      places.push(this.#places[at]!);
    }
    return places;
  }
}

const NOWHERE: readonly number[] = [];

function alikeOf(alike: Map<string, Alike>, key: string): Alike {
  const known = alike.get(key);
  if (known !== undefined) return known;
  const created = { first: [], last: [], count: 0, written: new Set<string>() };
  alike.set(key, created);
  return created;
}

function isNew({ written }: Alike, text: string): boolean {
  const before = written.size;
  return written.add(text).size > before;
}

function keep(alike: Alike, segment: Segment): void {
  if (alike.first.length < KEPT_ALIKE) alike.first.push(segment);
  else alike.last[alike.count++ % KEPT_ALIKE] = segment;
}

/** A word that stands before a program, and is stepped over. */
const FRONT = " ";

/** A word that nobody asks for. */
const OTHER = "";

/** What a segment is kept under; nothing when no rule could ask for it. */
function keyOf(
  text: string,
  start: number,
  end: number,
  kindOf: (word: string) => string,
): string | undefined {
  let at = start;
  let alone: string | undefined;
  for (let front = 0; front < MAX_FRONT; front++) {
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
    if (at === end) return alone;
    const from = at;
    while (at < end && at < from + MAX_WORD && !isBlank(text.charCodeAt(at))) at += 1;
    const word = text.slice(from, at);
    const kind = kindOf(word);
    if (kind === OTHER) return assignsOrRedirects(text, start, Math.min(end, at + 256));
    if (kind !== FRONT) return kind;
    alone ??= word.includes("=") ? "=" : "alone";
  }
  return alone;
}

function kindOfWord(word: string, isNamed: (program: string) => boolean): string {
  const plain = QUOTED.test(word) ? unquoted(word).trim() : word;
  if (plain === "") return FRONT;
  const name = programName(plain.split(BLANKS, 1)[0] ?? "");
  const isFront = BEFORE_COMMAND.has(plain) || ASSIGNMENT.test(plain) || plain.startsWith("-") ||
    isWrapper(name);
  if (isFront) return FRONT;
  if (isNamed(name)) return name;
  return plain.includes("/") ? "/" : OTHER;
}

/** The same for what sets a variable or redirects, whatever its program. */
function assignsOrRedirects(text: string, start: number, end: number): string | undefined {
  for (let at = start; at < end; at++) {
    const character = text[at];
    if (character === ">" || character === "<" || character === "=") return character;
  }
  return undefined;
}

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Where a segment ends that begins at a place, whatever is quoted. */
export function segmentEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && MARKS[text.charCodeAt(at)] !== SEPARATOR) at += 1;
  return at;
}

/** Quotes and backslashes taken off, and `$IFS` for the blank that it is. */
export function unquoted(text: string): string {
  return text.replace(/\$\{IFS[^}\s]{0,16}\}|\$IFS(?![A-Za-z0-9_])/g, " ").replace(/['"\\]/g, "");
}

function marks(of: readonly (readonly [characters: string, mark: number])[]): Uint8Array {
  const marks = new Uint8Array(128);
  for (const [characters, mark] of of) {
    for (const character of characters) marks[character.charCodeAt(0)] = mark;
  }
  return marks;
}

import { parse, type ParsedScript } from "unbash";
import { COMMAND_LIMITS } from "./limits.ts";
import type { Scope } from "./scope.ts";

/** A parsed piece of a text. */
export interface Piece {
  readonly script: ParsedScript;
  /** Where the piece begins in the text; its own positions count from there. */
  readonly base: number;
}

/** Steps that one character of syntax costs besides its own: each begins something to be made and followed. */
const SYNTAX_STEPS = 24;

/** The same of a character that separates words or commands, or quotes them. */
const SEPARATOR_STEPS = 12;

/** Steps a character that parsing costs again when it starts behind a token that was out of place. */
const RESTART_SHARE = 0.5;

/** Parentheses and braces inside each other; deeper ones would be read by nobody. */
const MAX_NESTING = 48;

/** Function heads, or `coproc`, in a row without a body: the parser calls itself for each. */
const MAX_HEADS = 16;

const STEPS_OF = stepsOf([["$`({<>", SYNTAX_STEPS], ["|;&\n'\"\\=", SEPARATOR_STEPS]]);

/**
 * How much of a text is read as a shell reads it: all of it, when that costs no more steps
 * than there are and nothing is nested deeper than anybody reads; else what ends
 * before the last `;` or newline outside of parentheses that leaves as much.
 *
 * @param most steps that there are
 * @returns characters, and the steps that parsing them costs
 */
export function parseable(
  text: string,
  most: number,
): { readonly characters: number; readonly steps: number } {
  const end = { characters: 0, steps: 0 };
  let steps = 0;
  let nesting = 0;
  let heads = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    steps += code < STEPS_OF.length ? STEPS_OF[code]! : 1;
    if (code === OPEN_PARENTHESIS || code === OPEN_BRACE) {
      if (text.charCodeAt(at + 1) === CLOSE_PARENTHESIS) heads += 1;
      else heads = 0;
      nesting += 1;
    } else if (code === CLOSE_PARENTHESIS || code === CLOSE_BRACE) {
      nesting = Math.max(0, nesting - 1);
    } else if (code === SEMICOLON || code === NEWLINE) {
      if (code === SEMICOLON) heads = 0;
      if (nesting === 0) {
        end.characters = at;
        end.steps = steps;
      }
    } else if (code === LETTER_C && text.startsWith("coproc", at)) heads += 1;
    if (steps > most || nesting > MAX_NESTING || heads > MAX_HEADS) return end;
  }
  return { characters: text.length, steps };
}

const NEWLINE = 10;
const OPEN_PARENTHESIS = 40;
const CLOSE_PARENTHESIS = 41;
const SEMICOLON = 59;
const LETTER_C = 99;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

/** By ASCII code. */
function stepsOf(characters: readonly (readonly [characters: string, steps: number])[]) {
  const steps = new Uint8Array(128).fill(1);
  for (const [all, more] of characters) {
    for (const character of all) steps[character.charCodeAt(0)] = 1 + more;
  }
  return steps;
}

/** Characters that end a line or a word for whoever typed them, but not for the parser. */
export const STRAY = /[\r\0]/;

/** Tokens that may stand where the parser stopped; parsing goes on behind them. */
const TOKEN = /^(?:;;&|;&|;;|&&|\|\||[;&|()]|then|else|elif|fi|do|done|esac|in|\}|\{|.)/s;

/**
 * Parses a text that may be cut off, half a script, or no shell at all: where
 * the grammar of bash ends, parsing starts again behind the token that was out
 * of place, and a quote without its partner counts as a blank. Positions stay
 * those of the text.
 *
 * Parsing again costs steps too; when there are none left, the rest is not read, and the
 * scope knows of it.
 *
 * The parser is `unbash`, chosen by measurement: 2.9 µs for a chain of seven
 * commands and 0.4 µs for `uname -a`, a partial tree and its errors for what is
 * broken, and positions; `sh-syntax` needs 8 ms a call, `bash-parser` 1 ms, and
 * `shell-quote` gives words only.
 */
export function parsePieces(text: string, scope: Scope): readonly Piece[] {
  let readable = withoutShebang(text);
  if (STRAY.test(readable)) {
    readable = readable.replaceAll("\r", "\n").replaceAll("\0", " ");
  }
  const pieces: Piece[] = [];
  let base = 0;
  for (let restart = 0;; restart++) {
    if (restart === COMMAND_LIMITS.restarts) {
      scope.truncated = true;
      break;
    }
    if (restart > 0 && !scope.take((readable.length - base) * RESTART_SHARE)) break;
    const script = parse(base === 0 ? readable : readable.slice(base));
    const errors = script.errors;
    if (errors === undefined || errors.length === 0) {
      pieces.push({ script, base });
      break;
    }
    const quote = errors.find((error) => /^unterminated (single|double) quote/.test(error.message));
    if (quote !== undefined) {
      const at = openQuote(readable, base + quote.pos);
      if (at !== undefined) {
        readable = `${readable.slice(0, at)} ${readable.slice(at + 1)}`;
        continue;
      }
    }
    pieces.push({ script, base });
    // Where the parser refuses to go deeper it leaves the rest.
    if (errors.some((error) => error.message.startsWith("maximum"))) scope.truncated = true;
    const stop = errors.find((error) => error.message.startsWith("unexpected token"));
    if (stop === undefined) break;
    const at = base + stop.pos;
    base = at + (TOKEN.exec(readable.slice(at, at + 4))?.[0].length ?? 1);
    if (base >= readable.length) break;
  }
  return pieces;
}

function openQuote(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '"' || text[at] === "'") return at;
  }
  return undefined;
}

/** A first line such as `#!/bin/sh; wget …` is typed at once: only its beginning is a comment. */
function withoutShebang(text: string): string {
  const head = text.includes("#!") ? /^\s*#![^;\n]*(?=;)/.exec(text)?.[0] : undefined;
  return head === undefined ? text : " ".repeat(head.length) + text.slice(head.length);
}

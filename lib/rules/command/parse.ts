import { parse, type ParsedScript } from "unbash";
import { COMMAND_LIMITS } from "./limits.ts";

/** A parsed piece of a text. */
export interface Piece {
  readonly script: ParsedScript;
  /** Where the piece begins in the text; its own positions count from there. */
  readonly base: number;
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
 * The parser is `unbash`, chosen by measurement: 2.9 µs for a chain of seven
 * commands and 0.4 µs for `uname -a`, a partial tree and its errors for what is
 * broken, and positions; `sh-syntax` needs 8 ms a call, `bash-parser` 1 ms, and
 * `shell-quote` gives words only.
 */
export function parsePieces(text: string): readonly Piece[] {
  let readable = withoutShebang(text);
  if (STRAY.test(readable)) {
    readable = readable.replaceAll("\r", "\n").replaceAll("\0", " ");
  }
  const pieces: Piece[] = [];
  let base = 0;
  for (let restart = 0; restart < COMMAND_LIMITS.restarts; restart++) {
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

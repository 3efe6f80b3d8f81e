import { ansiWord } from "./ansi_word.ts";

/** Whether a text has anything that `normaliseCommand()` could change. */
const OBFUSCATED = /['"\\]|\$(?:IFS|\{IFS)/;

/** Where reading stops to look. */
const SPECIAL = /['"\\$]/g;

/** `$IFS`, `${IFS}` and its forms with an operator, which stand for a blank. */
const FIELD_SEPARATOR = /\$\{IFS[^}\s]{0,16}\}|\$IFS(?![A-Za-z0-9_])/y;

/** A backslash before one of these means nothing but the character itself. */
const PLAIN_CHARACTER = /[A-Za-z0-9_./:-]/;

/** Blanks and operators: with them, a quoted text is more than one plain word. */
const NOT_ONE_WORD = /[\s;&|<>()`$\\'"]/;

/** A part of the text that reads differently, and what it reads. */
interface Piece {
  readonly end: number;
  /** Absent when the part stays as it is. */
  readonly text?: string;
}

/**
 * Undoes the ways of a shell to write one word in many: quotes and backslashes
 * inside words (`w'g'et`, `c\url`), `$IFS` for a blank, `$'\x77get'`, lines that
 * go on behind a backslash. Quotes are taken off only around text without blanks
 * and operators, so that what was an argument is not read as commands. Time is
 * linear in the text.
 *
 * @returns the text itself when there is nothing to undo
 */
export function normaliseCommand(text: string): string {
  if (!OBFUSCATED.test(text)) return text;
  let plain = "";
  let copied = 0;
  SPECIAL.lastIndex = 0;
  while (SPECIAL.test(text)) {
    const start = SPECIAL.lastIndex - 1;
    const piece = pieceAt(text, start);
    if (piece.text !== undefined) {
      plain += text.slice(copied, start) + piece.text;
      copied = piece.end;
    }
    SPECIAL.lastIndex = piece.end;
  }
  return copied === 0 ? text : plain + text.slice(copied);
}

/** What stands at a special character; a quoted text is stepped over whole. */
function pieceAt(text: string, start: number): Piece {
  const character = text[start];
  if (character === "\\") return escapedAt(text, start);
  if (character === "'") return quotedAt(text, start, text.indexOf("'", start + 1));
  if (character === '"') return quotedAt(text, start, closing(text, start + 1, '"'));
  if (text[start + 1] === "'") {
    const close = closing(text, start + 2, "'");
    if (close < 0) return { end: start + 1 };
    const word = ansiWord(text.slice(start + 2, close));
    const end = close + 1;
    return NOT_ONE_WORD.test(word) ? { end } : { end, text: word };
  }
  FIELD_SEPARATOR.lastIndex = start;
  return FIELD_SEPARATOR.test(text)
    ? { end: FIELD_SEPARATOR.lastIndex, text: " " }
    : { end: start + 1 };
}

function escapedAt(text: string, start: number): Piece {
  const next = text.charAt(start + 1);
  if (next === "\n") return { end: start + 2, text: "" };
  if (next === "\r" && text[start + 2] === "\n") return { end: start + 3, text: "" };
  return PLAIN_CHARACTER.test(next) ? { end: start + 2, text: next } : { end: start + 2 };
}

function quotedAt(text: string, start: number, close: number): Piece {
  if (close < 0) return { end: start + 1 };
  const word = text.slice(start + 1, close);
  return NOT_ONE_WORD.test(word) ? { end: close + 1 } : { end: close + 1, text: word };
}

/** Next quote that no backslash stands before; -1 when there is none. */
function closing(text: string, from: number, quote: string): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === quote) return at;
  }
  return -1;
}

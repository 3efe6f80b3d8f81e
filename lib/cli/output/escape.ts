/**
 * What a terminal obeys instead of showing, or does not show at all: control
 * characters of both sets, format characters (bidi overrides, joiners, tags),
 * line and paragraph separators, lone surrogates, and the fillers and variation
 * selectors that Unicode calls ignorable.
 */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The same without the controls that JSON escapes by itself. */
const UNSHOWABLE_IN_JSON = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Makes the longest escape, `\u{10ffff}`, out of one character. */
const LONGEST_ESCAPE = 10;

/**
 * Makes one harmless line of text that a stranger wrote: whatever could move
 * the cursor, change colours, reorder or hide text is spelled out (`\x1b`,
 * `\u202e`). A backslash is left alone: shell commands are full of them, and who
 * needs the exact text asks for JSON.
 *
 * @param text anything
 * @param max longest result in characters; what is longer ends in `…`
 */
export function printable(text: string, max: number = Infinity): string {
  const head = text.length > max ? text.slice(0, max + 1) : text;
  const shown = head.replace(UNSHOWABLE, escapeOne);
  return shown.length > max ? `${cutBefore(shown, max - 1)}…` : shown;
}

/**
 * One line of JSON that a terminal shows as it is. Readers get exactly the value
 * that was given: what could disturb a terminal is written as `\uXXXX`.
 */
export function jsonLine(value: unknown): string {
  return (JSON.stringify(value) ?? "null").replace(
    UNSHOWABLE_IN_JSON,
    (character) => character.split("").map(utf16Escape).join(""),
  );
}

function escapeOne(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return SHORT[character] ?? `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** Cuts without leaving half of an escape or of a surrogate pair. */
function cutBefore(shown: string, end: number): string {
  const cut = shown.slice(0, Math.max(0, end));
  const tail = cut.slice(-LONGEST_ESCAPE);
  const open = /\\(?:x[0-9a-f]?|u[0-9a-f]{0,3}|u\{[0-9a-f]{0,6})$|[\ud800-\udbff]$/.exec(tail);
  return open === null ? cut : cut.slice(0, cut.length - open[0].length);
}

function utf16Escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * What a reader does not see, or is fooled by, and what a terminal obeys instead of
 * showing: control characters of both sets (Cc), format characters such as bidi
 * overrides, joiners and tags (Cf), lone surrogates (Cs), line and paragraph
 * separators (Zl, Zp), the fillers and variation selectors that Unicode calls
 * ignorable, and the Braille pattern without a dot. Every escaper of this folder goes
 * by this one table.
 */
const UNSHOWABLE_REGEXP =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Length of the longest escape that `characterEscape` makes, `\u{10ffff}`. */
const LONGEST_ESCAPE = 10;

/** The beginning of an escape that was cut, or half of a surrogate pair. */
const CUT_ESCAPE_REGEXP = /\\(?:x[0-9a-f]?|u[0-9a-f]{0,3}|u\{[0-9a-f]{0,6})?$|[\ud800-\udbff]$/;

/**
 * Replaces every character that must not be shown.
 *
 * @param escape what stands in the place of one
 * @param kept characters of the table that this medium shows, e.g. line breaks
 */
export function escapeUnshowable(
  text: string,
  escape: (character: string) => string,
  kept: string = "",
): string {
  return text.replace(
    UNSHOWABLE_REGEXP,
    (character) => kept.includes(character) ? character : escape(character),
  );
}

/** An escape for people: `\n`, `\x1b`, `\u202e`, `\u{e0041}`. */
export function characterEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return SHORT_ESCAPES[character] ?? `\\x${hex.padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** An escape that JSON reads back: `\u001b`, `\u202e`, `\udb40\udc41`. */
export function jsonEscape(character: string): string {
  return character.split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
}

/**
 * Text that a stranger wrote, with what must not be shown as escapes for people. A
 * backslash is left alone: shell commands are full of them, and who needs the exact
 * text asks for JSON.
 *
 * @param max longest result in characters; what is longer ends in `…`
 * @param kept characters of the table that this medium shows
 */
export function showable(text: string, max: number = Infinity, kept: string = ""): string {
  const head = text.length > max ? text.slice(0, max + 1) : text;
  const shown = escapeUnshowable(head, characterEscape, kept);
  return shown.length > max ? `${cutBefore(shown, max - 1)}…` : shown;
}

/** Cuts without leaving a part of an escape or of a surrogate pair. */
function cutBefore(shown: string, end: number): string {
  const cut = shown.slice(0, Math.max(0, end));
  const open = CUT_ESCAPE_REGEXP.exec(cut.slice(-LONGEST_ESCAPE));
  return open === null ? cut : cut.slice(0, cut.length - open[0].length);
}

import fc from "fast-check";

/** Of each kind that must not be shown, with the escape that people get for it. */
export const UNSHOWABLE: ReadonlyMap<string, string> = new Map([
  ["\0", "\\x00"],
  ["\x07", "\\x07"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\x1b", "\\x1b"],
  ["\x7f", "\\x7f"],
  ["\x85", "\\x85"], // a line break of the second control set
  ["\x9b", "\\x9b"], // begins a terminal command in one character
  ["\u00ad", "\\xad"], // soft hyphen
  ["\u034f", "\\u034f"], // grapheme joiner
  ["\u061c", "\\u061c"], // Arabic letter mark
  ["\u115f", "\\u115f"], // Hangul filler
  ["\u180e", "\\u180e"],
  ["\u200b", "\\u200b"], // zero width
  ["\u200d", "\\u200d"],
  ["\u200f", "\\u200f"],
  ["\u2028", "\\u2028"], // line and paragraph separators
  ["\u2029", "\\u2029"],
  ["\u202a", "\\u202a"], // bidi embeddings, overrides, isolates
  ["\u202e", "\\u202e"],
  ["\u2066", "\\u2066"],
  ["\u2069", "\\u2069"],
  ["\u2800", "\\u2800"], // Braille pattern without a dot
  ["\u3164", "\\u3164"],
  ["\ufe0f", "\\ufe0f"], // variation selector
  ["\ufeff", "\\ufeff"],
  ["\ufff9", "\\ufff9"],
  ["\ud800", "\\ud800"], // lone surrogates
  ["\udfff", "\\udfff"],
  ["\u{e0041}", "\\u{e0041}"], // a tag
  ["\u{e01ef}", "\\u{e01ef}"],
]);

/** What must not be in anything that is shown, written apart from the table of the program. */
export const HIDDEN_REGEXP =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Texts of what matters: what must not be shown, what media obey, and ordinary letters. */
export const hostileText: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.constantFrom(...UNSHOWABLE.keys()),
    fc.constantFrom(..."\\\"'`<>&|;,=+-@*_[](){}#!~$%:./ "),
    fc.constantFrom("a", "Z", "0", "é", "☃", "漢", "🙂", "www.", "://", "\\u202", "\\x1"),
  ),
  { maxLength: 60 },
).map((characters) => characters.join(""));

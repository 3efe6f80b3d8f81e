import fc from "fast-check";

/**
 * Characters that escapers and parsers are about: quotes, separators, braces,
 * control, invisible and bidirectional characters, halves of pairs. Drawn from
 * the whole of Unicode, hardly any text would hold one of them.
 */
const TELLING = [
  ..."\"'`\\\n\r\t,;:=+-@|&<>{}[]()$#%*?!/~^ \0",
  "\x1b",
  "\x7f",
  "\x85",
  "\u00ad",
  "\u061c",
  "\u200b",
  "\u200f",
  "\u2028",
  "\u2029",
  "\u202e",
  "\u2066",
  "\ufeff",
  "\ud800",
  "\udc00",
  "\u{e0041}",
  "\u{1f600}",
  "é",
  "n",
  "a",
  "0",
];

/** Texts of which about half are of telling characters alone, the others of any. */
export function hostileText(maxLength = 40): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: fc.constantFrom(...TELLING), maxLength }),
    fc.string({ unit: "binary", maxLength }),
  );
}

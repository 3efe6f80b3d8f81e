/** What a backslash and one letter stand for in `echo -e`, `printf` and `$'…'`. */
const LETTERS: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** `\xHH`, `\NNN`, `\0NNN`, `\uHHHH`, `\UHHHHHHHH` and the letters. */
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|0?([0-7]{1,3})|(.))/gs;

/**
 * Decodes the escapes of `echo -e`, `printf` and `$'…'`. Shells differ in
 * details; what one of them would decode is decoded, for the attacker chose the
 * shell. Bytes become the characters of the same number.
 */
export function decodeEscapes(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(
    ESCAPE,
    (all, hex?: string, short?: string, long?: string, octal?: string, letter?: string) => {
      const digits = hex ?? short ?? long;
      if (digits !== undefined) return character(Number.parseInt(digits, 16)) ?? all;
      if (octal !== undefined) return character(Number.parseInt(octal, 8) & 0xff) ?? all;
      return LETTERS[letter ?? ""] ?? all;
    },
  );
}

function character(code: number): string | undefined {
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** Escapes that stand for visible text, as only somebody who hides it writes them. */
export const NUMERIC_ESCAPE = /\\(?:x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|0?[0-7]{2,3})/;

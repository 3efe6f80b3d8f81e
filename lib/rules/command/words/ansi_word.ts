/** `\n`, `\x77`, `\u0077`, `\167` inside `$'…'`. */
const ESCAPE =
  /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([^]))/g;

const NAMED: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  E: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/**
 * What a shell makes of `$'…'`.
 *
 * @param body the text between the quotes
 */
export function ansiWord(body: string): string {
  return body.replace(ESCAPE, (_whole, ...found: unknown[]) => {
    const [hex, short, long, octal, named] = found.slice(0, 5) as (string | undefined)[];
    const digits = hex ?? short ?? long;
    if (digits !== undefined) return character(parseInt(digits, 16));
    if (octal !== undefined) return character(parseInt(octal, 8) & 0xff);
    return NAMED[named ?? ""] ?? named ?? "";
  });
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

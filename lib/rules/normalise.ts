/** Whether a text has anything that `normaliseCommand()` could change. */
const OBFUSCATED = /['"\\]|\$(?:IFS|\{IFS)/;

/**
 * One piece of shell quoting, by named group. Quotes are taken off only around
 * text without blanks and operators, so that what was an argument is not read as
 * commands; other quoted texts and escaped characters are stepped over whole, so
 * that no closing quote is taken for an opening one.
 */
const QUOTING = new RegExp(
  [
    /(?<continued>\\\r?\n)/,
    /(?<blank>\$\{IFS[^}\s]{0,16}\}|\$IFS(?![A-Za-z0-9_]))/,
    /\$'(?<ansi>(?:[^'\\\n]|\\[^\n])*)'/,
    /'(?<single>[^\s';&|<>()`$"\\]*)'/,
    /"(?<double>[^\s";&|<>()`\\']*)"/,
    /\\(?<escaped>[A-Za-z0-9_.\/:-])/,
    /(?<kept>'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^])/,
  ].map(({ source }) => source).join("|"),
  "g",
);

/** `\n`, `\x77`, `\u0077`, `\167` inside `$'…'`. */
const ANSI_ESCAPE =
  /\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|([^]))/g;

const ANSI_NAMED: Readonly<Record<string, string>> = {
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
 * Undoes the ways of a shell to write one word in many: quotes and backslashes
 * inside words (`w'g'et`, `c\url`), `$IFS` for a blank, `$'\x77get'`, lines that
 * go on behind a backslash. Time is linear in the text.
 *
 * @returns the text itself when there is nothing to undo
 */
export function normaliseCommand(text: string): string {
  if (!OBFUSCATED.test(text)) return text;
  return text.replace(QUOTING, (whole: string, ...rest: unknown[]) => {
    const { continued, blank, ansi, single, double, escaped } = rest.at(-1) as Partial<
      Record<string, string>
    >;
    if (continued !== undefined) return "";
    if (blank !== undefined) return " ";
    if (ansi !== undefined) return decoded(ansi) ?? whole;
    return single ?? double ?? escaped ?? whole;
  });
}

/** What `$'…'` stands for; undefined when it would be more than one word. */
function decoded(body: string): string | undefined {
  const text = body.replace(ANSI_ESCAPE, (_whole, hex, short, long, octal, named) => {
    const digits = hex ?? short ?? long;
    if (digits !== undefined) return character(parseInt(String(digits), 16));
    if (octal !== undefined) return character(parseInt(String(octal), 8) & 0xff);
    return ANSI_NAMED[String(named)] ?? String(named);
  });
  return /[\s;&|<>()`$"'\\]/.test(text) ? undefined : text;
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

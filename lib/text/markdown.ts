import { showable } from "./unshowable.ts";

/** What markup, a mention, a reference or a link can begin with. */
const SPECIAL_REGEXP = /[\\`*_{}[\]<>#|&!~@$]|:(?=\/\/)|(?<=\bwww)\./gi;

/** Text of the program and its rules as text on one line, without markup or links of its own. */
export function escaped(text: string): string {
  return showable(text).replace(SPECIAL_REGEXP, (character) => `\\${character}`);
}

/**
 * Text that a stranger wrote as code in a cell of a table. A bar becomes an escape: readers differ
 * in whether a backslash before it keeps the cell together when another one is before that.
 */
export function cellCode(text: string): string {
  return code(text).replaceAll("|", "\\u007c");
}

/**
 * Text that a stranger wrote as code on one line, which no reader takes for
 * markup, a mention or a link; in a table, see `cellCode`.
 *
 * @param max longest text in characters; what is longer ends in `…`
 */
export function code(text: string, max: number = 120): string {
  const line = showable(text, max);
  const longest = Math.max(0, ...Array.from(line.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  // The blanks belong to the fence; without them a backtick at an end would lengthen it.
  return /^[`\s]|[`\s]$/.test(line) || line === ""
    ? `${fence} ${line} ${fence}`
    : fence + line + fence;
}

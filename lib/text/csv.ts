import { escapeUnshowable, jsonEscape } from "./unshowable.ts";

/** Blanks do not keep a spreadsheet from calculating, nor does it keep to narrow characters in every language. */
const FORMULA_REGEXP = /^\s*[=+\-@|%＝＋－＠｜％]/;

/** Where many countries have a comma in numbers, cells end at a semicolon, and a formula may follow. */
const CELL_END_REGEXP = /;(?=[\s"']*[=+\-@|%＝＋－＠｜％])/g;

/** One line of RFC 4180 without its line break. */
export function csvLine(cells: readonly string[]): string {
  return cells.map(csvCell).join(",");
}

/**
 * One cell. What a spreadsheet would take for a formula gets an apostrophe before
 * it, and what moves a cursor, hides text or begins another formula becomes an escape of
 * JSON: attackers choose many of these texts.
 */
function csvCell(text: string): string {
  const shown = escapeUnshowable(text, jsonEscape).replace(CELL_END_REGEXP, jsonEscape);
  const inert = FORMULA_REGEXP.test(shown) ? `'${shown}` : shown;
  return /[",;']|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}

import type { Terminal } from "./terminal.ts";

/** One column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand right; text, the default, left. */
  readonly align?: "left" | "right";
  /** Columns that are never narrowed are for ids; texts may be cut, down to `min`. */
  readonly min?: number;
}

/** Between two columns. */
const GAP = "  ";

/** Characters that take two columns on a terminal: those of East Asian Width "W" and "F" (UAX #11), by blocks. */
const WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;

/** Characters that stand on the one before them. */
const COMBINING = /\p{M}/u;

/**
 * Lays out a table that fits the terminal: the widest columns that may be cut
 * are narrowed first; where that is not enough, the last ones are cut off. Cells must be harmless already, see `printable()`.
 *
 * @param columns at least one
 * @param rows one cell a column
 * @returns lines without trailing blanks, the titles first
 */
export function tableLines(
  terminal: Terminal,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = fit(
    columns,
    columns.map((column, index) =>
      Math.max(textWidth(column.title), ...rows.map((row) => textWidth(row[index] ?? "")))
    ),
    terminal.width,
  );
  const line = (cells: readonly string[]): string => {
    const placed = columns.map((column, index) =>
      place(cells[index] ?? "", widths[index] ?? 0, column.align)
    );
    return cutToWidth(placed.join(GAP).trimEnd(), terminal.width);
  };
  const titles = line(columns.map((column) => column.title));
  return [terminal.paint("bold", titles), ...rows.map(line)];
}

/** Columns that a text takes on a terminal. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (character < "\u0300") width += 1;
    else if (WIDE.test(character)) width += 2;
    else if (!COMBINING.test(character)) width += 1;
  }
  return width;
}

/** Cuts a text to a number of columns; a cut one ends in `…`. */
export function cutToWidth(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  let used = 0;
  for (const character of text) {
    used += textWidth(character);
    if (used > width - 1) break;
    cut += character;
  }
  return width < 1 ? "" : `${cut}…`;
}

/** Takes one column at a time from the widest that can give, until the row fits. */
function fit(columns: readonly Column[], wanted: readonly number[], width: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, one) => sum + one, GAP.length * (columns.length - 1)) - width;
  while (excess > 0 && Number.isFinite(excess)) {
    let widest: number | undefined;
    for (const [index, column] of columns.entries()) {
      const here = widths[index] ?? 0;
      if (column.min === undefined || here <= column.min) continue;
      if (widest === undefined || here > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function place(cell: string, width: number, align: Column["align"]): string {
  const text = cutToWidth(cell, width);
  const blanks = " ".repeat(Math.max(0, width - textWidth(text)));
  return align === "right" ? blanks + text : text + blanks;
}

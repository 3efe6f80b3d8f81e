import { showable } from "./unshowable.ts";

/** A page shows line breaks and tabs; they stay. */
const KEPT = "\n\t";

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text that a stranger wrote, for a page that escapes markup later: what would hide or
 * reorder it becomes an escape (`\u202e`).
 *
 * @param max longest result in characters; what is longer ends in `…`
 */
export function pageText(text: string, max: number = Infinity): string {
  return showable(text, max, KEPT);
}

/** Any text as text of a page or as the value of an attribute, without markup of its own. */
export function htmlText(text: string): string {
  return pageText(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

import { COMMAND_LIMITS } from "../limits.ts";

/** What may not be left in a field that a brace expansion made: quotes and backslashes. */
const QUOTES = /\\(.)|["']/gs;

/**
 * Expands `{wget,-O,x}` as bash does. Sequences (`{1..9}`) and braces without a
 * comma are left as they are: only their number would matter.
 *
 * @param text one brace expansion, from `{` to `}`
 * @returns at most `fieldsPerWord` alternatives, at least one
 */
export function expandBraces(text: string): readonly string[] {
  return alternatives(text, 0).slice(0, COMMAND_LIMITS.fieldsPerWord)
    .map((field) => field.replace(QUOTES, "$1"));
}

function alternatives(text: string, depth: number): readonly string[] {
  const open = text.indexOf("{");
  if (open < 0 || depth > COMMAND_LIMITS.depth) return [text];
  const parts = split(text, open);
  if (parts === undefined) return [text];
  const head = text.slice(0, open);
  const tails = alternatives(text.slice(parts.end), depth + 1);
  const fields: string[] = [];
  for (const part of parts.texts) {
    for (const middle of alternatives(part, depth + 1)) {
      for (const tail of tails) {
        if (fields.length >= COMMAND_LIMITS.fieldsPerWord) return fields;
        fields.push(head + middle + tail);
      }
    }
  }
  return fields;
}

/** The alternatives of the brace at `open` and where it ends; nothing when it has no comma or no end. */
function split(
  text: string,
  open: number,
): { readonly texts: readonly string[]; readonly end: number } | undefined {
  const texts: string[] = [];
  let from = open + 1;
  let level = 0;
  for (let at = open; at < text.length; at++) {
    const character = text[at];
    if (character === "\\") at++;
    else if (character === "{") level++;
    else if (character === "," && level === 1) {
      texts.push(text.slice(from, at));
      from = at + 1;
    } else if (character === "}" && --level === 0) {
      if (texts.length === 0) return undefined;
      texts.push(text.slice(from, at));
      return { texts, end: at + 1 };
    }
  }
  return undefined;
}

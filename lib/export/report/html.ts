/** Markup that may stand in a page as it is. */
export class Html {
  /** The markup. */
  readonly text: string;

  /** @param text markup, escaped where it needs to be */
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: markup stays, everything else becomes text, nothing becomes nothing. */
export type Part = Html | string | number | false | undefined | readonly Part[];

/**
 * What a reader does not see, or is fooled by: control characters but line ends
 * and tabs, format characters (bidi overrides, joiners, tags), line and paragraph
 * separators, lone surrogates, and what Unicode calls ignorable.
 */
const UNSHOWABLE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Templates without the indentation that they have in the source. */
const dense = new WeakMap<TemplateStringsArray, readonly string[]>();

/** A template of markup: every value that is not markup itself is escaped, for text and attributes alike. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let texts = dense.get(strings);
  if (texts === undefined) {
    texts = strings.map((string) => string.replaceAll(/\n\s+/g, "\n"));
    dense.set(strings, texts);
  }
  return new Html(
    texts.map((text, index) => text + (index < values.length ? markup(values[index]) : "")).join(
      "",
    ),
  );
}

/**
 * Text that a stranger wrote, as text: what would hide or reorder it is spelled
 * out (`\u202e`).
 *
 * @param max longest result in characters; what is longer ends in `…`
 */
export function spelledOut(text: string, max: number = Infinity): string {
  const shown = text.slice(0, max + 1).replace(UNSHOWABLE, escapeOne);
  return shown.length > max ? `${shown.slice(0, max - 1).replace(/[\ud800-\udbff]$/, "")}…` : shown;
}

function markup(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === undefined || part === false) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") {
    return spelledOut(part).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
  }
  return part.map(markup).join("");
}

function escapeOne(character: string): string {
  const hex = character.codePointAt(0)!.toString(16);
  if (hex.length < 3) return `\\x${hex.padStart(2, "0")}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

import { htmlText } from "../../text/html.ts";

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

function markup(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === undefined || part === false) return "";
  if (typeof part === "number") return String(part);
  if (typeof part === "string") return htmlText(part);
  return part.map(markup).join("");
}

import type { StoredTag } from "../../store/tags/tag_row.ts";
import { pageText } from "../../text/html.ts";
import { type Html, html } from "./html.ts";

/** Longest text of one field, in characters. */
const MAX_TEXT = 600;

/** Fields of one tag at most, besides the one that was matched. */
const MAX_FIELDS = 8;

/** Longest text of each of those, in characters. */
const MAX_OTHER = 160;

/** What a tag was told by: the field that the rule matched with the matched part marked, then the others. */
export function evidenceText({ evidence }: StoredTag): Html {
  const { matched, ...others } = evidence;
  const entries = Object.entries(others);
  const needle = typeof matched === "string" ? matched : "";
  const marked = entries.find(([, value]) =>
    needle !== "" && typeof value === "string" && value.includes(needle)
  );
  const rest = entries.filter((entry) => entry !== marked).slice(0, MAX_FIELDS);
  const alone = marked === undefined && needle !== "";
  return html`${
    marked !== undefined &&
    html`<code><bdi dir="ltr">${markedText(String(marked[1]), needle)}</bdi></code>`
  }${alone && html`<code><bdi dir="ltr">${pageText(needle, MAX_TEXT)}</bdi></code>`}${
    rest.length > 0 && html`<dl>${
      rest.map(([key, value]) =>
        html`
          <div>
            <dt>${pageText(key, 60).replaceAll("_", " ")}</dt>
            <dd><bdi dir="ltr">${pageText(
              typeof value === "string" ? value : JSON.stringify(value) ?? "",
              MAX_OTHER,
            )}</bdi></dd>
          </div>
        `
      )
    }</dl>`
  }`;
}

/** The text around the place of the needle, which it holds. */
function markedText(text: string, needle: string): Html {
  const at = placeOf(text, needle);
  const before = text.slice(0, at);
  const shownBefore = before.length > MAX_TEXT / 2 ? `…${before.slice(-MAX_TEXT / 2)}` : before;
  const room = Math.max(80, MAX_TEXT - shownBefore.length - needle.length);
  return html`${shownBefore}<mark>${pageText(needle, MAX_TEXT)}</mark>${
    pageText(text.slice(at + needle.length), room)
  }`;
}

/** The first place of the needle at which no word goes on behind it, else the first of all. */
function placeOf(text: string, needle: string): number {
  const first = text.indexOf(needle);
  for (let at = first; at >= 0; at = text.indexOf(needle, at + 1)) {
    if (!/\w/.test(text[at + needle.length] ?? " ")) return at;
  }
  return first;
}

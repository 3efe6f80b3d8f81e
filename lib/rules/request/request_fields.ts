import type { Payload } from "../format/document.ts";
import { decodedBody } from "./body.ts";
import { type Header, type Headers, readHeaders } from "./headers.ts";
import { formDecodedFully, percentDecodedFully } from "./percent_decoding.ts";

/** Most characters of the address and of the body that are decoded: as much as is matched. */
const MAX_CHARACTERS = 64 * 1024;

/** Most characters of the address, and of the headers, in `text`, so that the body has a place in it. */
const MAX_PART_OF_TEXT = 16 * 1024;

/**
 * What rules see of a request besides what the producer sent: its parts as the
 * application behind a server reads them. A part is derived when it is first
 * asked for; one that is missing or of the wrong type is absent.
 */
export class RequestFields {
  readonly #payload: Payload;
  #truncated = false;
  #url: string | undefined;
  #body: { readonly text: string | undefined } | undefined;
  #headers: readonly Header[] | undefined;
  #text: { readonly text: string | undefined } | undefined;

  constructor(payload: Payload) {
    this.#payload = payload;
  }

  /** Whether a part that was asked for was longer than what is read of it. */
  get truncated(): boolean {
    return this.#truncated;
  }

  /** The address, decoded, with `+` as a blank in its query; the path where no address was sent. */
  get url(): string | undefined {
    if (this.#url !== undefined) return this.#url;
    const raw = this.#rawUrl();
    return this.#url = raw === undefined ? undefined : decodedUrl(raw);
  }

  /** The address up to `?` or `#`, decoded. */
  get path(): string | undefined {
    const raw = this.#rawUrl();
    return raw === undefined ? undefined : percentDecodedFully(raw.split(/[?#]/, 1)[0] ?? "");
  }

  /** The address behind `?`, decoded, with `+` as a blank; absent without a `?`. */
  get query(): string | undefined {
    const raw = this.#rawUrl();
    const mark = raw?.indexOf("?") ?? -1;
    return raw === undefined || mark < 0 ? undefined : formDecodedFully(raw.slice(mark + 1));
  }

  /** The body, decoded where it is a form, with escapes of strings resolved where it is JSON. */
  get body(): string | undefined {
    if (this.#body === undefined) {
      const raw = this.#textOf("body") ?? this.#textOf("request_body");
      const type = this.header("content-type")?.toLowerCase() ?? "";
      this.#body = { text: raw === undefined ? undefined : decodedBody(raw, type) };
    }
    return this.#body.text;
  }

  /** Name of the program that asks; the header where the producer does not send it apart. */
  get userAgent(): string | undefined {
    return this.#textOf("user_agent") ?? this.header("user-agent");
  }

  /** Headers as `name: value`, decoded as addresses are, a line each; absent without any. */
  get headerLines(): string | undefined {
    const headers = this.#readHeaders();
    return headers.length === 0
      ? undefined
      : headers.map(([name, value]) => `${name}: ${value}`).join("\n");
  }

  /** All of it: method and address, headers a line each, an empty line, the body. */
  get text(): string | undefined {
    return (this.#text ??= { text: this.#allText() }).text;
  }

  /**
   * Value of a header, decoded; the first when it was sent several times.
   *
   * @param name in lower case
   */
  header(name: string): string | undefined {
    return this.#readHeaders().find(([known]) => known === name)?.[1];
  }

  #readHeaders(): readonly Header[] {
    if (this.#headers !== undefined) return this.#headers;
    const { list, truncated }: Headers = readHeaders(this.#payload["headers"]);
    if (truncated) this.#truncated = true;
    return this.#headers = list.map(([name, value]) => [name, decodedUrl(value)] as const);
  }

  #rawUrl(): string | undefined {
    return this.#textOf("raw_url") ?? this.#textOf("request_path");
  }

  #textOf(field: string): string | undefined {
    const value = this.#payload[field];
    if (typeof value !== "string") return undefined;
    if (value.length <= MAX_CHARACTERS) return value;
    this.#truncated = true;
    return value.slice(0, MAX_CHARACTERS);
  }

  #allText(): string | undefined {
    const { url, headerLines, body, userAgent } = this;
    const first = [this.#textOf("method"), url].filter((part) => part !== undefined).join(" ");
    const lines = [first.slice(0, MAX_PART_OF_TEXT)];
    if (headerLines !== undefined) lines.push(headerLines.slice(0, MAX_PART_OF_TEXT));
    if (userAgent !== undefined && this.header("user-agent") === undefined) {
      lines.push(`user-agent: ${userAgent.slice(0, MAX_PART_OF_TEXT)}`);
    }
    const head = lines.join("\n");
    const all = body === undefined || body === "" ? head : `${head}\n\n${body}`;
    return all === "" ? undefined : all;
  }
}

/** A `+` is a blank behind `?` only: paths hold it as itself. */
function decodedUrl(raw: string): string {
  const mark = raw.indexOf("?");
  return mark < 0
    ? percentDecodedFully(raw)
    : `${percentDecodedFully(raw.slice(0, mark))}?${formDecodedFully(raw.slice(mark + 1))}`;
}

const known = new WeakMap<Payload, RequestFields>();

/** The fields of a request, derived once for each payload. */
export function requestFields(payload: Payload): RequestFields {
  const before = known.get(payload);
  if (before !== undefined) return before;
  const fields = new RequestFields(payload);
  known.set(payload, fields);
  return fields;
}

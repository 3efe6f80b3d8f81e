import { formDecodedFully } from "./percent_decoding.ts";

/** How a form begins: the name of a field. */
const FORM_REGEXP = /^[\w.\-[\]%+:$]{1,128}=/;

const NO_FORM_REGEXP = /json|xml|octet-stream|protobuf|grpc|multipart/;

/**
 * A body as the application reads it: forms decoded, escapes of strings resolved
 * where it is JSON, anything else as it is. What stands in it decides before what
 * the header says: clients send JSON as a form. Time is linear in the text.
 *
 * @param contentType value of the header, in lower case; empty when there is none
 */
export function decodedBody(raw: string, contentType: string): string {
  const first = /\S/.exec(raw)?.[0];
  if (first === "{" || first === "[") return unescapedJson(raw);
  if (first === "<") return raw;
  if (contentType.includes("json")) return unescapedJson(raw);
  const isForm = contentType.includes("urlencoded") ||
    !NO_FORM_REGEXP.test(contentType) && FORM_REGEXP.test(raw);
  return isForm ? formDecodedFully(raw) : raw;
}

const JSON_ESCAPE_REGEXP = /\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))/g;

const JSON_ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Escapes are resolved wherever they stand: a body that was cut off cannot be parsed. */
function unescapedJson(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replace(
    JSON_ESCAPE_REGEXP,
    (_, digits: string | undefined, letter: string) =>
      digits === undefined
        ? JSON_ESCAPES[letter] ?? letter
        : String.fromCharCode(parseInt(digits, 16)),
  );
}

import { type RequestFields, requestFields } from "./request_fields.ts";
import type { Payload } from "../format/document.ts";

type Reader = (request: RequestFields) => string | undefined;

/** Fields of a request that are derived, or read from where producers put them. */
const READERS: Readonly<Record<string, Reader>> = {
  url: (request) => request.url,
  path: (request) => request.path,
  query: (request) => request.query,
  body: (request) => request.body,
  headers: (request) => request.headerLines,
  "headers.*": (request) => request.headerLines,
  user_agent: (request) => request.userAgent,
  text: (request) => request.text,
};

/** The fields that rules see of a request and that are derived from what a producer sends, with what they are. */
export const REQUEST_FIELDS: Readonly<Record<string, string>> = {
  url: "the address, decoded up to three times, + as a blank in the query",
  path: "the address up to ?, decoded",
  query: "the address behind ?, decoded",
  body: "the body, a form decoded, JSON with its escapes resolved; at most 64 KiB",
  headers: "name: value, decoded, a line each; headers.* is the same, headers.name one value",
  user_agent: "as the producer sends it, else the header",
  text: "method, address, headers and body together",
};

/**
 * Reads a derived field of a request, e.g. `url` or `headers.referer`.
 *
 * @returns nothing for a field that is as the producer sent it
 */
export function requestReader(
  field: string,
): ((payload: Payload) => string | undefined) | undefined {
  if (Object.hasOwn(READERS, field)) {
    const read = READERS[field]!;
    return (payload) => read(requestFields(payload));
  }
  if (!field.startsWith("headers.")) return undefined;
  const name = field.slice("headers.".length).toLowerCase();
  return (payload) => requestFields(payload).header(name);
}

/** Whether a part of a request that rules asked for was longer than what is read of it. */
export function isRequestTruncated(payload: Payload): boolean {
  return requestFields(payload).truncated;
}

import { isObject } from "../tagging/payload.ts";

/** What a file of input holds, one item a line. */
export const INPUT_FORMATS = ["lines", "events", "cowrie"] as const;

/** One of the formats of input. */
export type InputFormat = typeof INPUT_FORMATS[number];

/**
 * Tells the format of input by its first line: a Cowrie log names its events
 * `cowrie.…`, any other JSON object is a bus event, and the rest is shell commands.
 */
export function detectFormat(firstLine: string): InputFormat {
  let value: unknown;
  try {
    value = JSON.parse(firstLine);
  } catch {
    return "lines";
  }
  if (!isObject(value)) return "lines";
  const { eventid } = value;
  return typeof eventid === "string" && eventid.startsWith("cowrie.") ? "cowrie" : "events";
}

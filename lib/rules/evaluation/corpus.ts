import type { Payload } from "../format/document.ts";
import { type Split, splitOf } from "./split.ts";

/** A line from a honeypot, with what a person says it shows. */
export interface HoneypotItem {
  readonly type: "honeypot";
  readonly id: string;
  readonly text: string;
  /** Techniques that must be found. */
  readonly must: ReadonlySet<string>;
  /** Techniques that may be found: neither right nor wrong. */
  readonly may: ReadonlySet<string>;
}

/** A test of a technique, made of several command lines; one that shows the technique is enough. */
export interface TestItem {
  readonly type: "test";
  readonly id: string;
  readonly technique: string;
  readonly lines: readonly string[];
}

/** An ordinary program that is made to do something else, as GTFOBins collects them. */
export interface AbuseItem {
  readonly type: "abuse";
  readonly id: string;
  /** What it is made to do: `shell`, `upload`, `file-read` and so on. */
  readonly purpose: string;
  readonly text: string;
}

/** What a person says of requests. */
export type RequestLabel = typeof REQUEST_LABELS[number];

const REQUEST_LABELS = ["attack", "exploit", "ordinary"] as const;

/** Requests that belong together: an attack, all those that exploit one defect, or ordinary ones. */
export interface RequestItem {
  readonly type: "requests";
  readonly id: string;
  readonly label: RequestLabel;
  /** As `http_requests` of a session has them. */
  readonly requests: readonly Payload[];
}

/** A command as it was typed on sensors, and how often; nobody has labelled it. */
export interface TrafficItem {
  readonly type: "traffic";
  readonly id: string;
  readonly text: string;
  readonly count: number;
}

/** An ordinary command of an administrator. */
export interface BenignItem {
  readonly type: "benign";
  readonly id: string;
  readonly text: string;
}

/** One thing that rules are measured on. */
export type CorpusItem =
  | HoneypotItem
  | TestItem
  | AbuseItem
  | RequestItem
  | TrafficItem
  | BenignItem;

/** How the lines of a corpus are written. */
export type CorpusFormat = "json" | "text";

/** Thrown for a line that is not what its corpus is made of. */
export class CorpusError extends Error {
  override readonly name = "CorpusError";
}

/** Keys one of which every object of a JSON corpus has. */
const MARKS = ["must", "technique", "function", "requests", "count"];

/**
 * Tells by its first line what a corpus holds: JSON objects with labels, or
 * ordinary commands as plain text.
 */
export function corpusFormat(firstLine: string): CorpusFormat {
  const value = parseJson(firstLine);
  return isObject(value) && MARKS.some((mark) => mark in value) ? "json" : "text";
}

/**
 * Reads one line of a corpus.
 *
 * @param place names the line in messages and, where it has no id, in reports
 * @returns nothing for an empty line
 * @throws {CorpusError} when a line of a JSON corpus has no labels
 */
export function readCorpusLine(
  line: string,
  format: CorpusFormat,
  place: string,
): CorpusItem | undefined {
  if (line.trim() === "") return undefined;
  if (format === "text") return { type: "benign", id: place, text: line };
  const value = parseJson(line);
  if (!isObject(value)) throw new CorpusError(`${place}: it is no JSON object`);
  const id = typeof value["id"] === "string" ? value["id"] : place;
  if (typeof value["input"] === "string") return readInput(value, value["input"], id, place);
  if (typeof value["line"] === "string") return readAbuse(value, value["line"], id, place);
  if ("requests" in value) return readRequests(value, id, place);
  return readTest(value, id, place);
}

/** The part of a corpus that an item belongs to. */
export function splitOfItem(item: CorpusItem): Split {
  switch (item.type) {
    case "test":
      return splitOf(item.lines.join("\n"));
    case "requests":
      return splitOf(JSON.stringify(item.requests));
    default:
      return splitOf(item.text);
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function readInput(value: JsonObject, text: string, id: string, place: string): CorpusItem {
  const must = texts(value["must"]);
  if (must !== undefined) {
    return { type: "honeypot", id, text, must: new Set(must), may: new Set(texts(value["may"])) };
  }
  const count = value["count"];
  if (typeof count === "number" && Number.isInteger(count) && count > 0) {
    return { type: "traffic", id, text, count };
  }
  throw new CorpusError(`${place}: "must" has to be a list of techniques, or "count" a number`);
}

function readAbuse(value: JsonObject, text: string, id: string, place: string): CorpusItem {
  const purpose = value["function"];
  if (typeof purpose === "string") return { type: "abuse", id, purpose, text };
  throw new CorpusError(`${place}: "function" has to name what the line is made to do`);
}

function readRequests(value: JsonObject, id: string, place: string): CorpusItem {
  const { requests } = value;
  const label = REQUEST_LABELS.find((one) => one === value["label"]);
  if (label === undefined || !Array.isArray(requests) || !requests.every(isObject)) {
    throw new CorpusError(
      `${place}: "requests" has to be a list of objects, and "label" one of ${
        REQUEST_LABELS.join(", ")
      }`,
    );
  }
  return { type: "requests", id, label, requests };
}

function readTest(value: JsonObject, id: string, place: string): CorpusItem {
  const { technique, name } = value;
  const lines = texts(value["lines"]);
  if (typeof technique === "string" && lines !== undefined) {
    return { type: "test", id: typeof name === "string" ? name : id, technique, lines };
  }
  throw new CorpusError(
    `${place}: no honeypot line ("input", "must"), test ("technique", "lines"), abuse ` +
      `("function", "line"), request ("label", "requests") or traffic ("input", "count")`,
  );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry): entry is string => typeof entry === "string");
}

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

/** An ordinary command of an administrator. */
export interface BenignItem {
  readonly type: "benign";
  readonly id: string;
  readonly text: string;
}

/** One labelled thing that rules are measured on. */
export type CorpusItem = HoneypotItem | TestItem | BenignItem;

/** How the lines of a corpus are written. */
export type CorpusFormat = "json" | "text";

/** Thrown for a line that is not what its corpus is made of. */
export class CorpusError extends Error {
  override readonly name = "CorpusError";
}

/**
 * Tells by its first line what a corpus holds: JSON objects with labels, or
 * ordinary commands as plain text.
 */
export function corpusFormat(firstLine: string): CorpusFormat {
  const value = parseJson(firstLine);
  return isObject(value) && ("must" in value || "technique" in value) ? "json" : "text";
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
  const { input, technique, lines, name } = value;
  if (typeof input === "string") {
    const must = texts(value["must"]);
    if (must === undefined) {
      throw new CorpusError(`${place}: "must" has to be a list of techniques`);
    }
    return {
      type: "honeypot",
      id,
      text: input,
      must: new Set(must),
      may: new Set(texts(value["may"])),
    };
  }
  const commands = texts(lines);
  if (typeof technique !== "string" || commands === undefined) {
    throw new CorpusError(
      `${place}: neither a honeypot line ("input" and "must") nor a test ("technique" and "lines")`,
    );
  }
  return { type: "test", id: typeof name === "string" ? name : id, technique, lines: commands };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function texts(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry): entry is string => typeof entry === "string");
}

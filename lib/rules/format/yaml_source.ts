import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type ParsedNode,
} from "yaml";
import type { Problem } from "./problem.ts";

/** Steps from the root of a document to a value. */
export type Path = readonly (string | number)[];

/** Largest rule file, in characters; the largest of the shipped pack has a few thousand. */
export const MAX_FILE_CHARACTERS = 256 * 1024;

/** Faults of the YAML itself that are told of one file; what follows them is mostly their echo. */
const MAX_SYNTAX_FAULTS = 10;

/** Deepest nesting of lists and objects; rules need six. */
const MAX_DEPTH = 32;

/** One file's YAML: its value as plain data, and where each part of it stands. */
export class YamlSource {
  readonly file: string;
  /** Plain data; undefined when the file could not be read as one YAML document. */
  readonly value: unknown;
  /** What is wrong with the YAML itself. */
  readonly problems: readonly Problem[];
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #root: ParsedNode | null = null;
  readonly #problems: Problem[] = [];

  /**
   * Reads one YAML document. Anchors, aliases, tags, merge keys, duplicate keys
   * and several documents in one file are refused: none of them is needed for a
   * rule, and each is a way to write a small file that means something large or
   * something else.
   */
  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.problems = this.#problems;
    if (text.length > MAX_FILE_CHARACTERS) {
      this.#addAt(
        0,
        "too_large",
        `the file has ${text.length} characters, at most ${MAX_FILE_CHARACTERS} are read`,
      );
      return;
    }
    const document = this.#parse();
    if (document === undefined) return;
    for (const error of document.errors.slice(0, MAX_SYNTAX_FAULTS)) {
      this.#addAt(error.pos[0], `yaml_${error.code.toLowerCase()}`, firstSentence(error.message));
    }
    if (this.#problems.length > 0) return;
    this.#root = document.contents;
    const value = this.#plain(document.contents, 0);
    if (this.#problems.length === 0) this.value = value;
  }

  /**
   * A problem at a value, at the key of a value, or at the nearest enclosing
   * value that exists.
   */
  problem(
    path: Path,
    fault: {
      readonly code: string;
      readonly message: string;
      readonly remedy?: string;
      readonly severity?: "error" | "warning";
      readonly atKey?: boolean;
      /** Characters into the text of the value, for patterns. */
      readonly offset?: number;
    },
  ): Problem {
    const { code, message, remedy, severity = "error", atKey = false, offset } = fault;
    let position = this.#offsetOf(path, atKey);
    if (offset !== undefined) position = this.#inside(path, position, offset);
    const name = this.#name();
    return {
      code,
      severity,
      file: this.file,
      ...this.#position(position),
      path: [...(name === undefined ? [] : [name]), ...(path.length === 0 ? [] : [pathText(path)])],
      message,
      ...(remedy !== undefined && { remedy }),
    };
  }

  #parse(): Document.Parsed | undefined {
    try {
      const documents = parseAllDocuments(this.#text, {
        lineCounter: this.#lines,
        prettyErrors: false,
        strict: true,
        uniqueKeys: true,
        stringKeys: true,
        merge: false,
        version: "1.2",
        schema: "core",
        logLevel: "silent",
      });
      const [first, second] = Array.isArray(documents) ? documents : [];
      if (second !== undefined) {
        this.#addAt(
          second.range[0],
          "several_documents",
          "a file holds one document, a second one begins here",
        );
      }
      if (first === undefined) this.#addAt(0, "empty_file", "the file is empty");
      return first as Document.Parsed | undefined;
    } catch (error) {
      // The parser is recursive: brackets by the ten thousand exhaust its stack.
      const reason = error instanceof RangeError ? "it is nested too deeply" : String(error);
      this.#addAt(0, "yaml_unreadable", `the file cannot be read as YAML: ${reason}`);
      return undefined;
    }
  }

  #plain(node: ParsedNode | null, depth: number): unknown {
    if (node === null) return null;
    const at = node.range[0];
    if (depth > MAX_DEPTH) {
      this.#addAt(at, "too_deep", `nested deeper than ${MAX_DEPTH} levels`);
      return undefined;
    }
    if (isAlias(node)) {
      this.#addAt(at, "yaml_alias", `an alias (*${node.source}) is not allowed in rule files`);
      return undefined;
    }
    if (node.anchor !== undefined) {
      this.#addAt(at, "yaml_anchor", `an anchor (&${node.anchor}) is not allowed in rule files`);
    }
    if (node.tag !== undefined) {
      this.#addAt(at, "yaml_tag", `a tag (${node.tag}) is not allowed in rule files`);
    }
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => this.#plain(item, depth + 1));
    const entries: Record<string, unknown> = {};
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      if (name === "__proto__" || name === "<<") {
        this.#addAt(key.range[0], "yaml_key", `the key ${name} is not allowed in rule files`);
      } else {
        entries[name] = this.#plain(value as ParsedNode | null, depth + 1);
      }
    }
    return entries;
  }

  /** Offset in the file of a value, or of the key that names it. */
  #offsetOf(path: Path, atKey: boolean): number {
    let node: unknown = this.#root;
    let offset = this.#root?.range[0] ?? 0;
    for (const [index, step] of path.entries()) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === step);
        if (pair === undefined) return offset;
        const keyAt = isNode(pair.key) ? pair.key.range?.[0] ?? offset : offset;
        const last = index === path.length - 1;
        offset = isNode(pair.value) && !(last && atKey) ? pair.value.range?.[0] ?? keyAt : keyAt;
        node = pair.value;
      } else if (isSeq(node)) {
        const item: unknown = node.items[Number(step)];
        if (!isNode(item)) return offset;
        offset = item.range?.[0] ?? offset;
        node = item;
      } else {
        return offset;
      }
    }
    return offset;
  }

  /**
   * Offset in the file of a character inside a text value. Exact for plain and
   * single-quoted texts of one line, which patterns are; the value's start else.
   */
  #inside(path: Path, start: number, offset: number): number {
    let node: unknown = this.#root;
    for (const step of path) node = isMap(node) || isSeq(node) ? node.get(step, true) : undefined;
    if (!isScalar(node) || typeof node.value !== "string") return start;
    if (node.type === "PLAIN") return sameText(this.#text, start, node.value, start + offset);
    if (node.type !== "QUOTE_SINGLE") return start;
    const quotes = node.value.slice(0, offset).split("'").length - 1;
    return sameText(
      this.#text,
      start + 1,
      node.value.replaceAll("'", "''"),
      start + 1 + offset + quotes,
      start,
    );
  }

  /** The rule's or provider's own name, for the chain of a problem. */
  #name(): string | undefined {
    if (!isMap(this.#root)) return undefined;
    for (const key of ["rule_id", "provider"]) {
      const value: unknown = this.#root.get(key);
      if (typeof value === "string") return value;
    }
    return undefined;
  }

  #position(offset: number): Pick<Problem, "line" | "column" | "excerpt"> {
    const { line, col } = this.#lines.linePos(Math.min(offset, this.#text.length));
    // Before the parser has seen a line break the counter knows no lines.
    if (line === 0) return { line: 1, column: 1, excerpt: this.#text.split("\n", 1)[0] ?? "" };
    const from = this.#lines.lineStarts[line - 1] ?? 0;
    const to = this.#text.indexOf("\n", from);
    const excerpt = this.#text.slice(from, to < 0 ? undefined : to).replace(/\r$/, "");
    return { line, column: col, excerpt };
  }

  #addAt(offset: number, code: string, message: string): void {
    const position = this.#position(offset);
    this.#problems.push({
      code,
      severity: "error",
      file: this.file,
      ...position,
      path: [],
      message,
    });
  }
}

/** A path as people write it: `emits[0].technique_id`. */
export function pathText(path: Path): string {
  return path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("")
    .replace(/^\./, "");
}

/** The wanted offset when the file really has that text there, else a fallback. */
function sameText(text: string, at: number, value: string, wanted: number, fallback = at): number {
  return text.startsWith(value, at) ? wanted : fallback;
}

function firstSentence(message: string): string {
  // The parser is recursive and hands on what the engine says.
  if (/call stack/.test(message)) return "the file is nested too deeply";
  const line = message.split("\n", 1)[0] ?? message;
  return line.charAt(0).toLowerCase() + line.slice(1);
}

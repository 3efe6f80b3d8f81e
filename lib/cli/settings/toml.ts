import type { Problem } from "../../rules/format/problem.ts";

/** A value of a settings file. */
export type TomlValue = string | number | boolean | readonly string[];

/** One `key = value`, with the place of its value. */
export interface TomlEntry {
  /** With the names of its tables before it: `url` under `[nats]` is `nats_url`. */
  readonly key: string;
  readonly value: TomlValue;
  /** 1-based. */
  readonly line: number;
  /** 1-based; of the key. */
  readonly column: number;
  /** The line of the file. */
  readonly excerpt: string;
}

/** What a settings file says, and what of it cannot be read. */
export interface TomlFile {
  readonly entries: readonly TomlEntry[];
  readonly problems: readonly Problem[];
}

const NAME = String.raw`[A-Za-z0-9_-]+|"[^"\\]*"|'[^']*'`;
const KEY = String.raw`(?:${NAME})(?:\s*\.\s*(?:${NAME}))*`;
const TABLE_REGEXP = new RegExp(String.raw`^\s*\[\s*(${KEY})\s*\]\s*(?:#.*)?$`);
const ENTRY_REGEXP = new RegExp(String.raw`^(\s*)(${KEY})\s*=\s*(.*)$`);
const STRING_REGEXP = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/;
const ESCAPE_REGEXP = /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g;
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
  '"': '"',
  "\\": "\\",
};

const READABLE = "texts in quotes, whole and decimal numbers, true, false, and lists of texts";

/**
 * Reads the TOML that settings need: tables, keys, texts on one line, numbers,
 * switches and lists of texts on one line. Written here because the known readers
 * give values without their places, and a mistyped setting must be shown where it
 * stands. What it does not know is a problem, never guessed at.
 *
 * @param file name for the problems
 */
export function readToml(text: string, file: string): TomlFile {
  const entries: TomlEntry[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, number>();
  let table: readonly string[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const excerpt = raw.replace(/\r$/, "");
    const line = index + 1;
    const problem = (column: number, message: string, remedy: string, ...path: string[]): void => {
      const code = "toml";
      problems.push({
        ...{ code, severity: "error", file, line, column, path, message, remedy, excerpt },
      });
    };
    if (/^\s*(?:#.*)?$/.test(excerpt)) continue;
    const header = TABLE_REGEXP.exec(excerpt);
    if (header !== null) {
      table = names(header[1]!);
      continue;
    }
    const [, indent, keyText, valueText] = ENTRY_REGEXP.exec(excerpt) ?? [];
    if (indent === undefined || keyText === undefined || valueText === undefined) {
      problem(1, "this is neither a table nor a setting", "write [table] or key = value");
      continue;
    }
    const column = indent.length + 1;
    const key = [...table, ...names(keyText)].join("_");
    const value = readValue(valueText);
    const before = seen.get(key);
    seen.set(key, before ?? line);
    if (value === undefined) {
      const at = excerpt.length - valueText.length + 1;
      problem(at, `the value of ${key} cannot be read`, `settings are ${READABLE}`, key);
    } else if (before !== undefined) {
      problem(column, `${key} stands in line ${before} too`, "keep one of the two", key);
    } else {
      entries.push({ key, value, line, column, excerpt });
    }
  }
  return { entries, problems };
}

function names(key: string): readonly string[] {
  return [...key.matchAll(new RegExp(NAME, "g"))].map(([name]) => name.replace(/^["']|["']$/g, ""));
}

/** @returns nothing when it is none of the known kinds, or something stands behind it */
function readValue(text: string): TomlValue | undefined {
  const string = readString(text);
  if (string !== undefined) return isEnd(string.rest) ? string.value : undefined;
  if (text.startsWith("[")) return readList(text.slice(1));
  const [word = ""] = /^[^\s#]*/.exec(text) ?? [];
  if (!isEnd(text.slice(word.length))) return undefined;
  if (word === "true" || word === "false") return word === "true";
  return /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?$/.test(word)
    ? Number(word.replaceAll("_", ""))
    : undefined;
}

function readList(text: string): readonly string[] | undefined {
  const items: string[] = [];
  let rest = text.trimStart();
  while (!rest.startsWith("]")) {
    const item = readString(rest);
    if (item === undefined) return undefined;
    items.push(item.value);
    rest = item.rest.trimStart();
    if (rest.startsWith(",")) rest = rest.slice(1).trimStart();
    else if (!rest.startsWith("]")) return undefined;
  }
  return isEnd(rest.slice(1)) ? items : undefined;
}

function readString(text: string): { readonly value: string; readonly rest: string } | undefined {
  const found = STRING_REGEXP.exec(text);
  if (found === null || /^(?:"""|''')/.test(text)) return undefined;
  const [whole, basic, literal] = found;
  const value = basic === undefined ? literal : unescaped(basic);
  return value === undefined ? undefined : { value, rest: text.slice(whole.length) };
}

function unescaped(text: string): string | undefined {
  let sound = true;
  const value = text.replace(ESCAPE_REGEXP, (_, short?: string, long?: string, one?: string) => {
    const hex = short ?? long;
    const code = hex === undefined ? undefined : Number.parseInt(hex, 16);
    const meant = code === undefined
      ? ESCAPES[one ?? ""]
      : code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : undefined;
    sound &&= meant !== undefined;
    return meant ?? "";
  });
  return sound ? value : undefined;
}

function isEnd(text: string): boolean {
  return /^\s*(?:#.*)?$/.test(text);
}

import { Buffer } from "node:buffer";
import { gunzipSync, inflateSync } from "node:zlib";
import { COMMAND_LIMITS } from "../limits.ts";
import type { Known } from "../scope.ts";

/** Gives what a filter makes of a text; nothing when that cannot be told. */
type Filter = (text: string, argv: readonly string[]) => string | undefined;

/** Programs that print a changed part of what they read, as scripts are hidden with. */
const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["gunzip", gunzip],
  ["zcat", gunzip],
  [
    "gzip",
    (text, argv) => argv.some((word) => /^-\w*d|^--d/.test(word)) ? gunzip(text) : undefined,
  ],
  ["head", head],
  ["tail", tail],
  ["cut", cut],
  ["sed", sed],
  ["sort", (text) => text],
  ["uniq", (text) => text],
  ["dd", (text, argv) => argv.some((word) => word.startsWith("if=")) ? undefined : text],
]);

/** Filters of which the output is hidden text, not a copy. */
const DECODES: ReadonlySet<string> = new Set(["gunzip", "zcat", "gzip", "cut", "sed"]);

/** Tells the programs of which `filtered()` may know the output. */
export function isFilter(program: string): boolean {
  return FILTERS.has(program);
}

/** What a filter prints of a known input; nothing for other programs. */
export function filtered(
  program: string,
  argv: readonly string[],
  input: Known | undefined,
): Known | undefined {
  const filter = input === undefined ? undefined : FILTERS.get(program);
  if (filter === undefined || input === undefined) return undefined;
  const text = filter(input.text, argv);
  if (text === undefined) return undefined;
  const changed = DECODES.has(program) && text !== input.text;
  return { text, decoded: input.decoded + (changed ? 1 : 0) };
}

/** First bytes of gzip, and of zlib, as characters of the same numbers. */
const GZIP = "\x1f\x8b";

/** Tells bytes that decoding as text would destroy. */
export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b || bytes[0] === 0x78 && bytes.length > 8;
}

function gunzip(text: string): string | undefined {
  const bytes = Buffer.from(text, "latin1");
  const options = { maxOutputLength: COMMAND_LIMITS.valueCharacters };
  try {
    const plain = text.startsWith(GZIP) ? gunzipSync(bytes, options) : inflateSync(bytes, options);
    return plain.toString("utf8");
  } catch {
    // It is no archive, or holds more than a script.
    return undefined;
  }
}

function head(text: string, argv: readonly string[]): string | undefined {
  const count = /^-(?:n ?)?(\d{1,4})$/.exec(argv.slice(0, 2).join(" ").trim())?.[1];
  if (argv.length > 0 && count === undefined) return undefined;
  return text.split("\n").slice(0, Number(count ?? 10)).join("\n");
}

function tail(text: string, argv: readonly string[]): string | undefined {
  const [, unit = "", plus, count] = /^-?(c|n)? ?(\+)?(\d{1,4})$/.exec(
    argv.join(" ").replace(/^-(\d)/, "-n $1"),
  ) ?? [];
  if (count === undefined) return argv.length === 0 ? text : undefined;
  const number = Number(count);
  const from = plus === undefined ? -number : Math.max(0, number - 1);
  if (unit === "c") return text.slice(from);
  return text.replace(/\n$/, "").split("\n").slice(from).join("\n");
}

/** `-cN-`, `-cN-M` and one field, `-dX -fN`. */
function cut(text: string, argv: readonly string[]): string | undefined {
  const options = argv.join(" ");
  const lines = text.split("\n");
  const [, first, dash, last] = /^-[cb] ?(\d{1,4})(-)?(\d{1,4})?$/.exec(options) ?? [];
  if (first !== undefined) {
    const end = dash === undefined ? Number(first) : last === undefined ? undefined : Number(last);
    return lines.map((line) => line.slice(Number(first) - 1, end)).join("\n");
  }
  const [, separator = "\t", field, rest] = /^(?:-d ?([^]) )?-f ?(\d{1,3})(-)?$/.exec(options) ??
    [];
  if (field === undefined) return undefined;
  return lines.map((line) => {
    const fields = line.split(separator);
    const from = Number(field) - 1;
    return rest === undefined ? fields[from] ?? "" : fields.slice(from).join(separator);
  }).join("\n");
}

/** Only substitutions of plain text, `s/X//g`: more of its language is rarely used to hide. */
function sed(text: string, argv: readonly string[]): string | undefined {
  const scripts = argv.filter((word) => !word.startsWith("-"));
  if (scripts.length === 0) return undefined;
  let changed = text;
  for (const script of scripts.flatMap((one) => one.split(";")).slice(0, 8)) {
    const [, separator = "/"] = /^s([^\w\s])/.exec(script.trim()) ?? [];
    const [, from = "", to = "", flags = ""] = script.trim().split(separator);
    if (from === "" || /[\\.*[\]^$]/.test(from) || /[\\&]/.test(to)) return undefined;
    changed = flags.includes("g") ? changed.replaceAll(from, to) : changed.split("\n")
      .map((line) => line.replace(from, () => to)).join("\n");
    if (changed.length > COMMAND_LIMITS.valueCharacters) return undefined;
  }
  return changed;
}

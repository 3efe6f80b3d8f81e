import { Buffer } from "node:buffer";
import { filtered, isCompressed, isFilter } from "./filters.ts";
import { decodeEscapes, NUMERIC_ESCAPE } from "../words/escapes.ts";
import { COMMAND_LIMITS } from "../limits.ts";
import type { Known, Scope } from "../scope.ts";

/** Gives what a program prints, for its arguments and input; nothing when that cannot be told. */
type Printer = (argv: readonly string[], input: Known | undefined, scope: Scope) =>
  | Known
  | undefined;

/** Steps that working out what is printed costs for each character that goes in. */
const PRINTED_STEPS = 2;

/** Programs of which it can be told what they print; those that droppers hide scripts with. */
const PRINTERS: ReadonlyMap<string, Printer> = new Map<string, Printer>([
  ["echo", echo],
  ["printf", printf],
  ["cat", (argv, input, scope) => content(argv, input, scope)],
  ["base64", (argv, input, scope) => decoded(argv, input, scope, "base64")],
  ["b64decode", (argv, input, scope) => decode(content(argv, input, scope), fromBase64)],
  ["base32", (argv, input, scope) => decoded(argv, input, scope, "base32")],
  ["basenc", (argv, input, scope) => decoded(argv, input, scope, "base64")],
  ["openssl", openssl],
  ["xxd", xxd],
  ["rev", (argv, input, scope) => {
    const known = content(argv, input, scope);
    return decode(known, (text) => text.split("\n").map(reversed).join("\n"));
  }],
  ["tr", (argv, input) => translate(argv, input)],
  ["which", (argv) => plain(installed(argv.find((word) => !word.startsWith("-"))))],
  ["type", (argv) => /^-[pP]$/.test(argv[0] ?? "") ? plain(installed(argv[1])) : undefined],
  ["command", (argv) => argv[0] === "-v" ? plain(installed(argv[1])) : undefined],
]);

/**
 * What a command prints, as far as its words and input tell.
 *
 * @param program base name
 * @param argv arguments
 * @param input what it reads, if known
 */
export function knownOutput(
  program: string,
  argv: readonly string[],
  input: Known | undefined,
  scope: Scope,
): Known | undefined {
  const printer = PRINTERS.get(program);
  if (printer === undefined && (input === undefined || !isFilter(program))) return undefined;
  let characters = input?.text.length ?? 0;
  for (const word of argv) characters += word.length;
  if (!scope.take(characters * PRINTED_STEPS)) return undefined;
  const output = printer?.(argv, input, scope) ?? filtered(program, argv, input);
  if (output === undefined || output.text.length > COMMAND_LIMITS.valueCharacters) return undefined;
  return output;
}

function plain(text: string | undefined): Known | undefined {
  return text === undefined ? undefined : { text, decoded: 0 };
}

function echo(argv: readonly string[]): Known {
  let first = 0;
  let escapes = false;
  for (; /^-[neE]+$/.test(argv[first] ?? ""); first++) {
    if (argv[first]?.includes("e") === true) escapes = true;
  }
  const text = argv.slice(first).join(" ");
  return escapes ? unescaped(text) : { text, decoded: 0 };
}

/** `%b`, `%s` and `%d` take the arguments in turn; other formats are rare in hiding text. */
function printf(argv: readonly string[]): Known {
  const words = argv[0] === "--" ? argv.slice(1) : argv;
  const [format = "", ...values] = words;
  let next = 0;
  const filled = format.replace(/%([bsd%])/g, (_, kind: string) => {
    if (kind === "%") return "%";
    return values[next++] ?? "";
  });
  return unescaped([filled, ...values.slice(next)].join(""));
}

/** Where a program most likely is. */
function installed(name: string | undefined): string | undefined {
  return name === undefined || name.includes("/") ? name : `/usr/bin/${name}`;
}

/** Escapes of letters by number hide what they stand for; `\n` and its like do not. */
function unescaped(text: string): Known {
  return { text: decodeEscapes(text), decoded: NUMERIC_ESCAPE.test(text) ? 1 : 0 };
}

/** Input, or the one file named, when the text itself has written it. */
function content(
  argv: readonly string[],
  input: Known | undefined,
  scope: Scope,
): Known | undefined {
  const files = argv.filter((word) => !word.startsWith("-"));
  if (files.length === 0) return input;
  return files.length === 1 ? scope.file(files[0] ?? "") : undefined;
}

function decoded(
  argv: readonly string[],
  input: Known | undefined,
  scope: Scope,
  kind: "base64" | "base32",
): Known | undefined {
  if (!argv.some((word) => /^-[a-zA-Z]*[dD]|^--d/.test(word))) return undefined;
  const known = content(argv.filter((word) => word !== "-"), input, scope);
  return decode(known, kind === "base64" ? fromBase64 : fromBase32);
}

function openssl(
  argv: readonly string[],
  input: Known | undefined,
  scope: Scope,
): Known | undefined {
  if (!argv.includes("-d") || !argv.some((word) => /^-?(base64|a)$/.test(word))) return undefined;
  const file = argv[argv.indexOf("-in") + 1];
  return decode(argv.includes("-in") ? scope.file(file ?? "") : input, fromBase64);
}

function xxd(argv: readonly string[], input: Known | undefined, scope: Scope): Known | undefined {
  if (!argv.some((word) => /^-[a-z]*r/.test(word))) return undefined;
  return decode(
    content(argv, input, scope),
    (text) => Buffer.from(text.replace(/[^0-9a-fA-F]/g, ""), "hex").toString("latin1"),
  );
}

/** Only sets of ranges and plain characters, as rot13 is written. */
function translate(argv: readonly string[], input: Known | undefined): Known | undefined {
  const [from, to] = argv;
  if (from === undefined) return undefined;
  if (from === "-d") {
    const gone = new Set(to === undefined ? [] : set(to));
    return decode(input, (text) => [...text].filter((one) => !gone.has(one)).join(""));
  }
  if (to === undefined || from.startsWith("-") || argv.length !== 2) return undefined;
  const target = set(to);
  const last = target.at(-1) ?? "";
  const map = new Map(set(from).map((one, index) => [one, target[index] ?? last]));
  return decode(input, (text) => [...text].map((one) => map.get(one) ?? one).join(""));
}

function set(text: string): readonly string[] {
  const spelled = decodeEscapes(text).replace(
    /([a-zA-Z0-9])-([a-zA-Z0-9])/g,
    (all, first: string, last: string) => {
      const count = last.charCodeAt(0) - first.charCodeAt(0) + 1;
      if (count < 1) return all;
      return String.fromCharCode(
        ...Array.from({ length: count }, (_, index) => first.charCodeAt(0) + index),
      );
    },
  );
  return [...spelled];
}

function decode(input: Known | undefined, decoder: (text: string) => string): Known | undefined {
  if (input === undefined) return undefined;
  return { text: decoder(input.text), decoded: input.decoded + 1 };
}

function reversed(line: string): string {
  return [...line].reverse().join("");
}

function fromBase64(text: string): string {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString(isCompressed(bytes) ? "latin1" : "utf8");
}

function fromBase32(text: string): string {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text.toUpperCase()) {
    const digit = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(character);
    if (digit < 0) continue;
    value = (value << 5 | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(value >> bits & 0xff);
  }
  return Buffer.from(bytes).toString("utf8");
}

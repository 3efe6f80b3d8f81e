import { STRAY } from "./parse.ts";

/** A simple command every word of which stands in the text as the shell sees it, or in quotes. */
export interface PlainCommand {
  /** The program and its arguments; none when it only writes a file. */
  readonly words: string[];
  /** Targets of `>` and `>>`. */
  readonly writes: string[];
  /** It reads the output of the command before it. */
  readonly piped: boolean;
  /** Range in the text. */
  readonly start: number;
  end: number;
}

const ASCII = 128;

const BLANK = 1;
const WORD = 2;
const SEMICOLON = 3;
const PIPE = 4;
const AMPERSAND = 5;
const GREATER = 6;
const QUOTE = 7;

/** By ASCII code: what a character is here; 0 for those that take more than this to read. */
const KINDS = kinds([
  [" \t", BLANK],
  ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@,+~*?%^=-", WORD],
  [";", SEMICOLON],
  ["|", PIPE],
  ["&", AMPERSAND],
  [">", GREATER],
  ["'\"", QUOTE],
]);

/** Words that are no program's name where a command begins. */
const RESERVED: ReadonlySet<string> = new Set([
  "if",
  "then",
  "else",
  "elif",
  "fi",
  "do",
  "done",
  "case",
  "esac",
  "while",
  "until",
  "for",
  "select",
  "in",
  "function",
  "time",
  "coproc",
]);

/** What stands between two commands: something that the first ends with, or that asks for a second. */
type Operator = "end" | "pipe" | "list";

/**
 * Reads a text as bash does when it has nothing but words, arguments in quotes, `;`,
 * `&`, `&&`, `||`, `|`, `>` and `>>`, as most of what bots type: a fifth of the work
 * that the parser has with it, which reads the same from it.
 *
 * @returns nothing when there is anything else in the text, or when it is wrong
 */
export function plainCommands(text: string): readonly PlainCommand[] | undefined {
  const commands: PlainCommand[] = [];
  let command: PlainCommand | undefined;
  let operator: Operator = "end";
  for (let at = 0; at < text.length;) {
    const kind = kindAt(text, at);
    if (kind === BLANK) at += 1;
    else if (kind === WORD) {
      const end = wordEnd(text, at);
      const word = text.slice(at, end);
      const isNumber = kindAt(text, end) === GREATER && /^\d+$/.test(word);
      if (command === undefined) {
        command = begun(at, operator);
        commands.push(command);
        if (RESERVED.has(word)) return undefined;
      }
      if (!isNumber) {
        if (command.words.length === 0 && word.includes("=")) return undefined;
        command.words.push(word);
        command.end = end;
      }
      if (kindAt(text, end) === QUOTE) return undefined;
      at = end;
    } else if (kind === QUOTE) {
      const end = quoteEnd(text, at);
      if (end === undefined || command === undefined || command.words.length === 0) {
        return undefined;
      }
      command.words.push(text.slice(at + 1, end - 1));
      command.end = end;
      at = end;
    } else if (kind === GREATER) {
      if (command === undefined) {
        command = begun(at, operator);
        commands.push(command);
      }
      const end = readWrite(text, at, command);
      if (end === undefined) return undefined;
      command.end = end;
      at = end;
    } else {
      if (kind === 0 || command === undefined) return undefined;
      const next = kindAt(text, at + 1);
      const doubled = next === kind;
      if (kind === SEMICOLON ? doubled : kind === PIPE ? next === AMPERSAND : next === GREATER) {
        return undefined;
      }
      operator = kind === SEMICOLON || kind === AMPERSAND && !doubled
        ? "end"
        : doubled
        ? "list"
        : "pipe";
      command = undefined;
      at += doubled ? 2 : 1;
    }
  }
  return command === undefined && operator !== "end" ? undefined : commands;
}

/** Its end is where its last word or redirection ends. */
function begun(start: number, operator: Operator): PlainCommand {
  return { words: [], writes: [], piped: operator === "pipe", start, end: start };
}

/** @returns where a redirection ends; nothing when it is not to a file or another descriptor */
function readWrite(text: string, start: number, command: PlainCommand): number | undefined {
  let at = start + 1;
  const duplicates = kindAt(text, at) === AMPERSAND;
  if (duplicates || kindAt(text, at) === GREATER) at += 1;
  while (!duplicates && kindAt(text, at) === BLANK) at += 1;
  const end = wordEnd(text, at);
  const next = kindAt(text, end);
  if (end === at || next === GREATER || next === QUOTE) return undefined;
  const target = text.slice(at, end);
  if (!duplicates) command.writes.push(target);
  else if (!/^(?:\d+|-)$/.test(target)) return undefined;
  return end;
}

/** What double quotes do not take the meaning from. */
const EXPANDED = /[\\$`]/;

/** @returns where a quoted argument ends; nothing when it is part of a longer word, or expanded */
function quoteEnd(text: string, start: number): number | undefined {
  const close = text.indexOf(text.charAt(start), start + 1);
  if (close < 0) return undefined;
  const quoted = text.slice(start, close);
  if (STRAY.test(quoted) || quoted[0] === '"' && EXPANDED.test(quoted)) return undefined;
  const next = kindAt(text, close + 1);
  return next === WORD || next === QUOTE ? undefined : close + 1;
}

function wordEnd(text: string, start: number): number {
  let at = start;
  while (kindAt(text, at) === WORD) at += 1;
  return at;
}

function kindAt(text: string, at: number): number {
  if (at >= text.length) return 0;
  const code = text.charCodeAt(at);
  return code < ASCII ? KINDS[code]! : 0;
}

function kinds(of: readonly (readonly [characters: string, kind: number])[]): Uint8Array {
  const kinds = new Uint8Array(ASCII);
  for (const [characters, kind] of of) {
    for (const character of characters) kinds[character.charCodeAt(0)] = kind;
  }
  return kinds;
}

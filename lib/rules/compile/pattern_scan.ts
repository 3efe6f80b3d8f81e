import type { Span } from "./conditions.ts";

/** A construct of a pattern that matters to what reads patterns without compiling them. */
export interface Token extends Span {
  readonly type: "escape" | "class" | "group" | "quoted" | "other";
}

/** `\Q…\E` quotes; `[…]` is a class; `(?…` up to what it says is a group head. */
export function* tokens(pattern: string): Generator<Token> {
  for (let start = 0; start < pattern.length;) {
    const token = tokenAt(pattern, start);
    yield token;
    start = token.end;
  }
}

function tokenAt(pattern: string, start: number): Token {
  const character = pattern[start];
  if (character === "\\") {
    if (pattern[start + 1] === "Q") {
      const close = pattern.indexOf("\\E", start + 2);
      return { type: "quoted", start, end: close < 0 ? pattern.length : close + 2 };
    }
    return { type: "escape", start, end: Math.min(start + 2, pattern.length) };
  }
  if (character === "[") return { type: "class", start, end: classEnd(pattern, start) };
  if (character === "(" && pattern[start + 1] === "?") {
    GROUP_HEAD.lastIndex = start;
    const head = GROUP_HEAD.exec(pattern)?.[0] ?? "(?";
    return { type: "group", start, end: start + head.length };
  }
  return { type: "other", start, end: start + 1 };
}

const GROUP_HEAD = /\(\?(?:<[=!]|P?<[^>]*>|P=[^)]*\)|[=!>|]|[a-zA-Z^-]*[:)])?/y;

/** A `]` right behind `[` or `[^` is a member; `[:alpha:]` holds one too. */
function classEnd(pattern: string, start: number): number {
  let at = start + 1;
  if (pattern[at] === "^") at += 1;
  if (pattern[at] === "]") at += 1;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\") at += 2;
    else if (pattern.startsWith("[:", at)) {
      const close = pattern.indexOf(":]", at + 2);
      at = close < 0 ? at + 1 : close + 2;
    } else at += 1;
  }
  return Math.min(at + 1, pattern.length);
}

/** A construct that only a backtracking engine can run. */
export interface Backtracking extends Span {
  /** As it stands in the pattern, e.g. `(?=`. */
  readonly text: string;
  /** What it is called, e.g. `look-ahead`. */
  readonly name: string;
}

/** Finds the first look-around, back-reference or atomic group of a pattern. */
export function findBacktracking(pattern: string): Backtracking | undefined {
  for (const { type, start, end } of tokens(pattern)) {
    const text = pattern.slice(start, end);
    const name = type === "group"
      ? groupName(text)
      : type === "escape" && /^\\[1-9k]$/.test(text)
      ? "back-reference"
      : undefined;
    if (name !== undefined) return { start, end, text, name };
  }
  return undefined;
}

function groupName(text: string): string | undefined {
  if (text === "(?=" || text === "(?!") return "look-ahead";
  if (text === "(?<=" || text === "(?<!") return "look-behind";
  if (text === "(?>") return "atomic group";
  return text.startsWith("(?P=") ? "back-reference" : undefined;
}

/**
 * The same pattern without its `i` flags. It matches a text whenever the pattern
 * matches one that differs from it in case only, so literals that it requires
 * are required, in some case, by the pattern.
 */
export function withoutCaseFlags(pattern: string): string {
  let rewritten = "";
  for (const { type, start, end } of tokens(pattern)) {
    const text = pattern.slice(start, end);
    const flags = type === "group" ? /^\(\?([a-zA-Z]*)(-[a-zA-Z]+)?([:)])$/.exec(text) : null;
    if (flags === null) {
      rewritten += text;
      continue;
    }
    const [, on = "", off = "", close = ""] = flags;
    const without = off.replaceAll("i", "");
    const kept = on.replaceAll("i", "") + (without === "-" ? "" : without);
    rewritten += kept === "" && close === ")" ? "" : `(?${kept}${close}`;
  }
  return rewritten;
}

/** Leading inline flags of a pattern, e.g. `is` of `(?is)abc`, and the rest of it. */
export function leadingFlags(pattern: string): readonly [flags: string, rest: string] {
  const head = /^\(\?([ims]+)\)/.exec(pattern);
  return head === null ? ["", pattern] : [head[1] ?? "", pattern.slice(head[0].length)];
}

/** One alternative of a pattern. */
export interface Branch {
  /** The alternative as it stands in the pattern. */
  readonly pattern: string;
  /** What stands inside its groups that cannot be left out. */
  readonly groups: readonly string[];
}

/** The alternatives of a pattern; one when it has no `|` outside of groups. */
export function branches(pattern: string): readonly Branch[] {
  const found: Branch[] = [];
  let groups: string[] = [];
  let depth = 0;
  let from = 0;
  let inside = 0;
  const close = (end: number): void => {
    found.push({ pattern: pattern.slice(from, end), groups });
    groups = [];
    from = end + 1;
  };
  for (const { type, start, end } of tokens(pattern)) {
    const text = type === "escape" || type === "class" ? "" : pattern.slice(start, end);
    if (text === "|" && depth === 0) close(start);
    else if (text === "(" || type === "group" && !text.endsWith(")")) {
      if (depth++ === 0) inside = end;
    } else if (text === ")" && --depth === 0 && !/[?*{]/.test(pattern.charAt(end))) {
      groups.push(pattern.slice(inside, start));
    }
  }
  close(pattern.length);
  return found;
}

/** A count that makes a pattern long: `{60}`, `{60,}`, `{60,90}`. */
const LONG_COUNT = /\{(\d{2,})(?:,\d*)?\}/y;

/**
 * Characters that every match of a pattern has at least. Only what a large count
 * outside of groups says is seen, as of `[0-9a-f]{40,}`; else nothing is said.
 */
export function leastLength(pattern: string): number {
  let least = 0;
  let depth = 0;
  for (const { type, start, end } of tokens(pattern)) {
    const text = type === "escape" || type === "class" ? "" : pattern.slice(start, end);
    if (text === "|" && depth === 0) return 0;
    if (text === "(" || type === "group" && !text.endsWith(")")) depth += 1;
    else if (text === ")") depth -= 1;
    else if (depth === 0 && (type === "class" || /^\\[wWdDsS]$/.test(pattern.slice(start, end)))) {
      LONG_COUNT.lastIndex = end;
      least = Math.max(least, Number(LONG_COUNT.exec(pattern)?.[1] ?? 0));
    }
  }
  return least;
}

import { wordLiteral } from "../compile/requirement.ts";

/** Top-level menus of RouterOS, which look like programs in the root directory. */
const ROUTEROS_MENUS: ReadonlySet<string> = new Set([
  "caps-man",
  "certificate",
  "container",
  "disk",
  "export",
  "file",
  "import",
  "interface",
  "ip",
  "ipv6",
  "log",
  "ppp",
  "queue",
  "radius",
  "routing",
  "snmp",
  "system",
  "tool",
  "user",
]);

/** Names with a version count as the plain one: `python3.11`, `php7.4`, `gcc-12`. */
const VERSIONED = /^(python|perl|ruby|php|lua|tclsh|pip|gcc|clang)-?\d[\d.]*$/;

/** Variants that differ in nothing that rules look at. */
const VARIANTS: ReadonlyMap<string, string> = new Map([
  ["nodejs", "node"],
  ["egrep", "grep"],
  ["fgrep", "grep"],
  ["zgrep", "grep"],
  ["gawk", "awk"],
  ["mawk", "awk"],
  ["nawk", "awk"],
  ["pypy", "python"],
]);

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/**
 * The name that variants of a program share: `egrep` is `grep`, `python3.11` is
 * `python`. Rules may use either.
 */
export function canonicalProgram(name: string): string {
  const last = name.charCodeAt(name.length - 1);
  // A name that has a version ends in a digit; most are done with this.
  if (last >= DIGIT_0 && last <= DIGIT_9) return VERSIONED.exec(name)?.[1] ?? name;
  return VARIANTS.get(name) ?? name;
}

/**
 * Name under which rules know a program.
 *
 * @param path the program as called, e.g. `/usr/bin/../bin/wget`
 */
export function programName(path: string): string {
  if (path[0] === "$") return programOfVariable(path);
  const slash = path.lastIndexOf("/");
  if (slash < 0) return canonicalProgram(path);
  if (slash === 0 && ROUTEROS_MENUS.has(path.slice(1))) return `routeros:${path.slice(1)}`;
  return canonicalProgram(path.slice(slash + 1));
}

/** A variable alone, as scripts name programs: `$CURL`, `${which_python}`. */
const VARIABLE = /^\$\{?(?:\w*_)?([A-Za-z0-9]{2,})\}?$/;

/** A variable that is called after a program most likely holds its path. */
function programOfVariable(word: string): string {
  const name = VARIABLE.exec(word)?.[1];
  if (name === undefined) return word;
  return name === "SHELL" ? "sh" : canonicalProgram(name.toLowerCase());
}

/**
 * RouterOS 7 writes menus with slashes all through, `/system/resource/print`;
 * split, it is what RouterOS 6 writes.
 *
 * @returns the words, or nothing when the path is not of that kind
 */
export function routerOsWords(path: string): readonly string[] | undefined {
  if (path[0] !== "/") return undefined;
  const [menu = "", ...rest] = path.slice(1).split("/");
  if (!ROUTEROS_MENUS.has(menu) || rest.length === 0) return undefined;
  return [`/${menu}`, ...rest];
}

/** A name that begins and ends as words do, so that it stands between word boundaries. */
const WORD_LIKE = /^\w(?:.*\w)?$/;

/**
 * Literals one of which stands in every text that calls a program of a
 * canonical name: the name as a word, or the names of its variants anywhere.
 */
export function programLiterals(canonical: string): readonly string[] {
  const name = canonical.replace("routeros:", "").toLowerCase();
  const variants = [...VARIANTS].filter(([, of]) => of === name).map(([variant]) => variant);
  if (variants.length > 0 || VERSIONED.test(`${name}1`)) return [name, ...variants];
  return [WORD_LIKE.test(name) ? wordLiteral(name) : name];
}

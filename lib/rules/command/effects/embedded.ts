import type { Body } from "./bodies.ts";
import type { Draft } from "../draft.ts";
import { programName } from "../programs.ts";
import { CARRIER, DATA, INTERPRETER, isShell, SHELL, UNPACKER } from "../roles.ts";

/** Most commands read out of the words of one program. */
const MAX_EMBEDDED = 8;

/** Longest word that is looked into: longer ones are data. */
const MAX_WORD = 4_096;

/** Without one of these, nothing below can be there. */
const MAY_EMBED = /[!=({`]|sh\b|--\w|\b(?:exec|system|shell)\b|\de /;

/** A quoted text in another language. */
const STRING = `(?:"[^"]{1,2000}"|'[^']{1,2000}')`;

/** Calls of other languages that hand texts to a shell: `system("id")`, `spawn("id", ["-u"])`. */
const CALL = new RegExp(
  "\\b(?:system|popen|Popen|exec[a-zA-Z]{0,4}|spawn[a-zA-Z]{0,4}|call|run|check_output|" +
    "shell_exec|passthru|proc_open|run-shell-command|callCommand|shell-command|execute)\\b" +
    `\\s{0,4}[({[]{0,2}\\s{0,4}\\[?(${STRING}(?:\\s{0,2},\\s{0,2}\\[?\\s{0,2}${STRING}){0,12})`,
  "g",
);

/** The same in back-ticks and braces: `` run(`id`) ``, `\write18{id}`; and macros: `$(shell id)`, `%(id)`. */
const OTHER_CALL =
  /\b(?:run|exec|system)\(`([^`]{1,2000})`|write18\{([^{}]{1,2000})\}|(?:\$\(shell|%\()\s?([^()]{1,2000})\)/g;

/** Options and settings whose value is a command, in one word. */
const COMMAND_OPTION =
  /^-{0,2}(?:[\w.-]*(?:command|cmd|exec|rsh|filter|pipe|hook|pager|editor|wrapper|terminal|askpass|::)|(?:use-)?compress-prog\w*|checkpoint-action=exec)=(.+)$/is;

/** Options of that kind whose value is the next word. */
const COMMAND_FLAG =
  /^--?(?:[\w-]*(?:command|cmd|exec|rsh|filter|hook|pager|editor|wrapper|askpass)|pipe|use-compress-program|checkpoint-action)$/i;

/** Shell escapes of editors, pagers and interpreters: `!id`, `:!id`, `.system id`, `shell /bin/sh`. */
const ESCAPE =
  /^(?:[:.@%]{0,2}!{1,2}|[:.](?:sh(?:ell)?|system|term(?:inal)?)\s|shell\s|(?:exec|system|term)\s(?=\s?\/))\s{0,4}(\S.*)$/is;

/** Variables that name a command which some program runs. */
const COMMAND_VARIABLE =
  /^(?:PROMPT_COMMAND|\w*(?:PAGER|EDITOR|VISUAL|BROWSER|LESSOPEN|LESSCLOSE|_COMMAND|_CMD|_RSH|_SSH|_ASKPASS|_TERMINAL))=(.+)$/s;

const NOTHING: readonly Body[] = [];

/**
 * What any program is told to run by the common grammar of such things: a shell
 * among its words with what follows, a shell escape, an option or a variable
 * whose value is a command, a call inside a one-liner. Programs for which words
 * are data (`echo`, `ls`, `grep`) are left out.
 */
export function embedded({ program, roles, argv, args, assigns }: Draft): readonly Body[] {
  const found: Body[] = [];
  for (const text of assigns.slice(0, MAX_EMBEDDED)) {
    const value = text.length > MAX_WORD ? undefined : COMMAND_VARIABLE.exec(text)?.[1];
    if (value !== undefined) found.push({ script: value });
  }
  if ((roles & DATA) !== 0 || !MAY_EMBED.test(args)) return found;
  const shell = (roles & (CARRIER | SHELL | UNPACKER)) !== 0 ? -1 : shellAt(argv);
  if (shell >= 0) found.push({ words: argv.slice(shell) });
  for (const [index, word] of argv.entries()) {
    if (found.length >= MAX_EMBEDDED) break;
    if (word.length < 2 || word.length > MAX_WORD) continue;
    const script = scriptIn(word, argv[index - 1]);
    if (script !== undefined) found.push({ script });
    if (word.length >= 8) found.push(...calls(word));
    if (program === "sed" || (roles & INTERPRETER) !== 0) found.push(...ownLanguage(program, word));
  }
  return found.length === 0 ? NOTHING : found.slice(0, MAX_EMBEDDED);
}

/** Where the words name a shell that the program is to run: by its path, or with a script. */
function shellAt(argv: readonly string[]): number {
  return argv.findIndex((word, index) =>
    word.endsWith("sh") && isShell(programName(word)) &&
    (word.startsWith("/") || /^-[ilp]*[ci]$/.test(argv[index + 1] ?? ""))
  );
}

function scriptIn(word: string, before: string | undefined): string | undefined {
  if (before?.startsWith("-") === true && COMMAND_FLAG.test(before)) {
    return word.replace(/^exec=/, "");
  }
  return COMMAND_OPTION.exec(word)?.[1] ?? ESCAPE.exec(word)?.[1];
}

/** Back-ticks of perl and ruby, and the commands of sed that run others: `1e id`, `s/x/id/e`. */
function ownLanguage(program: string, word: string): readonly Body[] {
  const [, script] = program === "sed"
    ? /^(?:[\d,$]*|\/[^/]*\/)e\s+(.+)$/s.exec(word) ??
      /^s(?:\/[^/]*\/|\|[^|]*\|)([^|]+?)[/|]\w*e\w*$/.exec(word) ??
      []
    : /^[^`]{0,200}`([^`]+)`/.exec(word) ?? [];
  return script === undefined ? NOTHING : [{ script }];
}

/**
 * Commands among what a program reads that it runs: shell escapes typed into an
 * editor or a client, recipes of `make`, lines that `awk` hands to a shell.
 */
export function scriptsRead(
  program: string,
  argv: readonly string[],
  text: string,
): readonly string[] {
  if (text.length > MAX_WORD) return [];
  if (program === "awk") return /system\(\s*\$0\s*\)/.test(argv.join(" ")) ? [text] : [];
  const lines = text.split("\n");
  if (program === "make" || program === "gmake") {
    return lines.filter((line) => line.startsWith("\t")).slice(0, MAX_EMBEDDED);
  }
  return lines.map((line) => ESCAPE.exec(line)?.[1]).filter((script) => script !== undefined)
    .slice(0, MAX_EMBEDDED);
}

function calls(word: string): readonly Body[] {
  const found: Body[] = [];
  for (const [, texts = ""] of word.matchAll(CALL)) {
    const [first = "", ...rest] = Array.from(
      texts.matchAll(/"([^"]*)"|'([^']*)'/g),
      ([, double, single]) => double ?? single ?? "",
    );
    // `execvp` and its like are told the program twice.
    if (rest.length === 0) found.push({ script: first });
    else found.push({ words: rest[0] === first ? rest : [first, ...rest] });
    if (found.length >= MAX_EMBEDDED) return found;
  }
  for (const [, ...values] of word.matchAll(OTHER_CALL)) {
    found.push({ script: values.find((value) => value !== undefined) ?? "" });
    if (found.length >= MAX_EMBEDDED) return found;
  }
  return found;
}

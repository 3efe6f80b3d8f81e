import type { Draft } from "../draft.ts";
import { COMMAND_LIMITS } from "../limits.ts";
import { rolesOf } from "../roles.ts";
import { ASSIGNMENT, unwrap } from "../effects/wrappers.ts";
import {
  BEFORE_COMMAND,
  BLANKS,
  QUOTED,
  type Segment,
  segmentEnd,
  segmentsOf,
  STAGES,
  unquoted,
} from "./segments.ts";

/**
 * Commands of a text that is too costly to be read as a shell reads it: what
 * stands between separators, once with quotes taken off and once with quotes
 * taken as separators too. So a command is found wherever it stands, inside quotes
 * and substitutions and behind any padding, and what is no command may be taken
 * for one; only what expansions or decoders make is not seen. Of commands with the
 * same program the first and the last that differ are kept.
 *
 * @param isNamed whether a rule asks for a program of that name
 * @param read commands that were read before the bound was reached
 */
export function separatedCommands(
  text: string,
  isNamed: (program: string) => boolean,
  read: readonly Draft[],
): readonly Draft[] {
  const known = new Set(read.map(({ path, args }) => `${path} ${args}`));
  const found: Draft[] = [];
  for (const segment of segmentsOf(text, isNamed, COMMAND_LIMITS.separatedCommands)) {
    const draft = draftOf(text, segment);
    const name = `${draft.path} ${draft.args}`;
    if (known.has(name) && draft.pipedFrom.length + draft.pipedInto.length === 0) continue;
    known.add(name);
    found.push(draft);
  }
  return found;
}

function draftOf(text: string, { start, end, before }: Segment): Draft {
  const written = text.slice(start, end);
  const plain = QUOTED.test(written) ? unquoted(written) : written;
  const writes: string[] = [];
  const reads: string[] = [];
  const words = withoutRedirections(plain, writes, reads).trim().split(BLANKS);
  let first = 0;
  const assigns: string[] = [];
  for (; first < words.length; first++) {
    const word = words[first]!;
    if (ASSIGNMENT.test(word)) assigns.push(word);
    else if (!BEFORE_COMMAND.has(word)) break;
  }
  const { words: rest, program, wrappers, assigns: set } = unwrap(words.slice(first));
  const argv = rest.slice(1);
  if (program === "tee") writes.push(...argv.filter((word) => !word.startsWith("-")));
  const path = rest[0] ?? "";
  return {
    program,
    roles: rolesOf(program),
    path,
    argv,
    args: argv.join(" "),
    wrappers,
    assigns: [...assigns, ...set, ...argv.filter((word) => ASSIGNMENT.test(word))],
    writes,
    reads,
    pipedInto: readersAfter(text, end),
    pipedFrom: programsOf(text, before).reverse(),
    runsFetched: false,
    runsEmpty: false,
    ownFile: false,
    obfuscated: !written.includes(path),
    start,
    end,
  };
}

/** `>file`, `2>>file` and `< file`. */
const REDIRECTION = /\d?(>>?|<)[ \t]*([^\s<>]*)/g;

function withoutRedirections(text: string, writes: string[], reads: string[]): string {
  if (!text.includes(">") && !text.includes("<")) return text;
  return text.replace(REDIRECTION, (_, operator: string, target: string) => {
    if (target !== "") (operator === "<" ? reads : writes).push(target);
    return " ";
  });
}

/** Programs of the stages behind a command, nearest first. */
function readersAfter(text: string, end: number): string[] {
  const stages: number[] = [];
  let at = end;
  while (stages.length < 2 * STAGES && text[at] === "|" && text[at + 1] !== "|") {
    const start = at + 1;
    at = segmentEnd(text, start);
    stages.push(start, at);
  }
  return programsOf(text, stages);
}

function programsOf(text: string, stages: readonly number[]): string[] {
  const programs: string[] = [];
  for (let index = 0; index < stages.length; index += 2) {
    const start = stages[index]!;
    const segment = text.slice(start, Math.min(stages[index + 1]!, start + 256));
    const { program } = unwrap(unquoted(segment).trim().split(BLANKS));
    if (program !== "" && !programs.includes(program)) programs.push(program);
  }
  return programs;
}

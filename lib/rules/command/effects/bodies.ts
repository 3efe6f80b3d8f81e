import type { Draft } from "../draft.ts";
import { programName } from "../programs.ts";
import { CARRIER, isShell, SHELL } from "../roles.ts";

/** Something that a command runs: a script to be read, or words that are a command already. */
export type Body =
  | { readonly script: string }
  | { readonly words: readonly string[] };

const NOTHING: readonly Body[] = [];

/**
 * What a command runs besides itself: the script of `sh -c`, `su -c`, `eval`
 * and `ssh`, the commands of `find -exec`, what a container or a terminal
 * multiplexer is told to run.
 */
export function bodies({ program, argv, roles }: Draft): readonly Body[] {
  if (argv.length === 0) return NOTHING;
  if ((roles & SHELL) !== 0) return script(shellScript(argv));
  switch (program) {
    case "eval":
      return script(argv.join(" "));
    case "su":
    case "runuser":
      return script(optionValue(argv, /^(-[a-z]*c|--command|--session-command)$/));
    case "trap":
      return script(argv.length > 1 ? argv[0] : undefined);
    case "ssh":
      return script(remoteCommand(argv));
    case "find":
      return findCommands(argv);
    case "flock":
      return script(optionValue(argv, /^(?:-c|--command)$/));
    default:
      return (roles & CARRIER) !== 0 ? carried(argv) : NOTHING;
  }
}

/** Operand of a shell's `-c`; options may be joined, `bash -lc`. */
export function shellScript(argv: readonly string[]): string | undefined {
  const index = argv.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
  return index < 0 ? undefined : argv.slice(index + 1).find((word) => !word.startsWith("-"));
}

function script(text: string | undefined): readonly Body[] {
  return text === undefined ? NOTHING : [{ script: text }];
}

function optionValue(argv: readonly string[], option: RegExp): string | undefined {
  for (const [index, word] of argv.entries()) {
    const equals = word.indexOf("=");
    if (equals > 0 && option.test(word.slice(0, equals))) return word.slice(equals + 1);
    if (option.test(word)) return argv[index + 1];
  }
  return undefined;
}

/** Options of ssh(1) that take a value. */
const SSH_VALUED = /^-[BbcDEeFIiJLlmOoPpQRSWw]$/;

function remoteCommand(argv: readonly string[]): string | undefined {
  let index = 0;
  for (; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (SSH_VALUED.test(word)) index++;
    else if (!word.startsWith("-")) break;
  }
  const words = argv.slice(index + 1);
  return words.length === 0 ? undefined : words.join(" ");
}

function findCommands(argv: readonly string[]): readonly Body[] {
  const found: Body[] = [];
  for (let index = 0; index < argv.length; index++) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(argv[index] ?? "")) continue;
    const from = index + 1;
    while (index + 1 < argv.length && !/^(;|\+)$/.test(argv[index + 1] ?? "")) index++;
    if (index >= from) found.push({ words: argv.slice(from, index + 1) });
  }
  return found;
}

/** The shell call inside, the script of `-c`, or what stands behind `--`, or one word that is a whole command. */
function carried(argv: readonly string[]): readonly Body[] {
  const shell = argv.findIndex((word) => isShell(programName(word)));
  if (shell >= 0) return [{ words: argv.slice(shell) }];
  const command = optionValue(argv, /^(?:-[a-z]*c|--command)$/);
  if (command !== undefined && !command.startsWith("-")) return script(command);
  const dashes = argv.indexOf("--");
  if (dashes >= 0 && dashes + 1 < argv.length) return [{ words: argv.slice(dashes + 1) }];
  const last = argv.at(-1) ?? "";
  if (/^[^-]\S*\s/.test(last)) return [{ script: last }];
  const path = argv.findIndex((word, index) => index > 0 && /^(\.{0,2}\/)/.test(word));
  return path < 0 ? NOTHING : [{ words: argv.slice(path) }];
}

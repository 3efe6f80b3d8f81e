import type { Draft } from "../draft.ts";
import { FETCHER, INTERPRETER, rolesOf, SHELL, UNPACKER } from "../roles.ts";

/** Options whose value names the local file, also with the value attached. */
const OUTPUT_OPTION = /^(?:-O|-o|-l|-r|--output|--output-document)$/;
const ATTACHED = /^(?:-O|--output=|--output-document=|dst-path=|-o)(.+)$/;

/** Names too plain to tell a file by. */
const NO_NAME = /^(?:|-|\.|\.\.|\*|null|stdout)$/;

/**
 * Marks the commands that run what an earlier command of the text has fetched:
 * by its name, by what an archive held that was fetched and unpacked, or
 * straight from the pipe.
 */
export function markFetched(commands: readonly Draft[]): void {
  if (!commands.some(({ roles }) => (roles & FETCHER) !== 0)) return;
  const fetched = new Set<string>();
  let unpacked = false;
  for (const command of commands) {
    const { program, roles } = command;
    if (fetched.size > 0 || command.pipedFrom.length > 0) {
      command.runsFetched = runs(command, fetched, unpacked);
    }
    if ((roles & FETCHER) !== 0) {
      for (const name of fetchedNames(command)) if (!NO_NAME.test(name)) fetched.add(name);
    } else if (fetched.size > 0) {
      if ((roles & UNPACKER) !== 0 && command.argv.some((word) => fetched.has(base(word)))) {
        unpacked = true;
      } else if ((program === "mv" || program === "cp") && command.argv.length >= 2) {
        const target = base(command.argv.at(-1) ?? "");
        if (command.argv.some((word) => fetched.has(base(word))) && !NO_NAME.test(target)) {
          fetched.add(target);
        }
      }
    }
  }
}

function runs(command: Draft, fetched: ReadonlySet<string>, unpacked: boolean): boolean {
  const { program, path, argv, pipedFrom, roles } = command;
  if (path.includes("/") && (fetched.has(program) || unpacked && path.startsWith("./"))) {
    return true;
  }
  if ((roles & (SHELL | INTERPRETER)) === 0 && !/^(?:\.|source|eval)$/.test(program)) {
    return false;
  }
  if (pipedFrom.some((from) => (rolesOf(from) & FETCHER) !== 0)) return true;
  return argv.some((word) => fetched.has(base(word)));
}

/** Local names under which a command may leave what it fetches. */
function fetchedNames(command: Draft): readonly string[] {
  const { argv, writes } = command;
  const names = writes.map(base);
  for (const [index, word] of argv.entries()) {
    if (OUTPUT_OPTION.test(word)) names.push(base(argv[index + 1] ?? ""));
    else if (word.startsWith("-")) names.push(base(ATTACHED.exec(word)?.[1] ?? ""));
    else names.push(base((ATTACHED.exec(word)?.[1] ?? word).replace(/[?#].*$/s, "")));
  }
  return names;
}

function base(path: string): string {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  return path.slice(path.lastIndexOf("/", end - 1) + 1, end);
}

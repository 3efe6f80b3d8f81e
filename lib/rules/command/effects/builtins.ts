import { knownOutput } from "./outputs.ts";
import type { Known, Scope } from "../scope.ts";

/** Options of `read` and `mapfile` that take a value. */
const READ_VALUED = /^-[a-zA-Z]*[dinNptuOcCs]$/;

/** A program of the system, by its path. */
const SYSTEM_PROGRAM = /^\/(?:usr\/(?:local\/)?)?s?bin\/[\w.+-]+$/;

/**
 * Does what a command of the shell itself, or one that gives a program another
 * name, does to what is known: `set -- a b`, `read a`, `printf -v a`, `mapfile`,
 * `alias`, `hash -p` and copies of programs.
 */
export function applyBuiltin(
  program: string,
  argv: readonly string[],
  input: Known | undefined,
  scope: Scope,
): void {
  switch (program) {
    case "set":
      return setParameters(argv, scope);
    case "read":
      return read(argv, input, scope);
    case "mapfile":
    case "readarray":
      if (input !== undefined) {
        const name = argv.at(-1) ?? "";
        const lines = input.text.replace(/\n$/, "").split("\n");
        scope.setArray(/^\w+$/.test(name) ? name : "MAPFILE", lines);
      }
      return;
    case "printf":
      if (argv[0] === "-v" && argv[1] !== undefined) {
        const output = knownOutput("printf", argv.slice(2), undefined, scope);
        if (output !== undefined) scope.setVariable(argv[1], output.text);
      }
      return;
    case "alias":
      for (const word of argv) {
        const equals = word.indexOf("=");
        if (equals > 0) scope.setAlias(word.slice(0, equals), word.slice(equals + 1));
      }
      return;
    case "hash":
      if (argv[0] === "-p" && argv[1] !== undefined && argv[2] !== undefined) {
        scope.setAlias(argv[2], argv[1]);
      }
      return;
    case "cp":
    case "mv":
    case "ln":
    case "install":
      return rename(argv, scope);
  }
}

/** Tells the commands that read the input of the loop around them. */
export function readsLines(program: string | undefined): boolean {
  return program === "read" || program === "mapfile" || program === "readarray";
}

function setParameters(argv: readonly string[], scope: Scope): void {
  const dashes = argv.indexOf("--");
  if (dashes >= 0) scope.parameters = argv.slice(dashes + 1);
  else if (argv.length > 0 && !/^[-+]|=/.test(argv[0] ?? "")) scope.parameters = argv;
}

/** The last name takes what is left, as in a shell. */
function read(argv: readonly string[], input: Known | undefined, scope: Scope): void {
  if (input === undefined) return;
  const line = input.text.replace(/\n[^]*$/, "");
  const fields = scope.split(line).filter((field) => field !== "");
  const array = argv.findIndex((word) => /^-[a-z]*a$/.test(word));
  if (array >= 0) return scope.setArray(argv[array + 1] ?? "", fields);
  const names = operands(argv);
  if (names.length === 0) return scope.setVariable("REPLY", line);
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    scope.setVariable(name, (isLast ? fields.slice(index).join(" ") : fields[index]) ?? "");
  }
}

function operands(argv: readonly string[]): readonly string[] {
  return argv.filter((word, index) =>
    !word.startsWith("-") && !READ_VALUED.test(argv[index - 1] ?? "")
  );
}

/** A copy of a program under another name is that program. */
function rename(argv: readonly string[], scope: Scope): void {
  const [source = "", target = "", ...more] = argv.filter((word) => !word.startsWith("-"));
  if (more.length > 0 || target === "" || !SYSTEM_PROGRAM.test(source)) return;
  if (!target.endsWith("/")) scope.setCopy(target, source);
}

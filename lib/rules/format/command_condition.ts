import * as v from "valibot";

/** Keys of a command condition that are patterns. */
const PATTERN_KEYS = ["args", "not_args", "path", "writes", "reads", "assigns"] as const;

/** Keys of a command condition that are lists of program names. */
const PROGRAM_KEYS = [
  "program",
  "not_program",
  "piped_into",
  "piped_from",
  "wrapped_by",
  "not_wrapped_by",
] as const;

/** One key of a command condition that is a pattern. */
export type CommandPatternKey = typeof PATTERN_KEYS[number];

/**
 * What one simple command must be: it holds when one command of the text
 * satisfies all the parts that are present.
 */
export interface CommandCondition {
  /** Base names one of which the program must have; RouterOS menus are `routeros:ip` and so on. */
  readonly program?: readonly string[];
  /** Base names none of which the program may have. */
  readonly not_program?: readonly string[];
  /** RE2 pattern, searched in the program as it is called, with its path: `^\./`. */
  readonly path?: string;
  /** RE2 pattern, searched in the arguments joined by single blanks. */
  readonly args?: string;
  /** RE2 pattern that must not occur in the arguments. */
  readonly not_args?: string;
  /** RE2 pattern, searched in each redirection or `tee` target that is written to. */
  readonly writes?: string;
  /** RE2 pattern, searched in each file that input is redirected from. */
  readonly reads?: string;
  /** RE2 pattern, searched in each `NAME=value` that the command sets. */
  readonly assigns?: string;
  /** Base names one of which must read this command's output. */
  readonly piped_into?: readonly string[];
  /** Base names one of which must write what this command reads. */
  readonly piped_from?: readonly string[];
  /** Base names one of which must run this command, e.g. `sudo`, `xargs` or `find`. */
  readonly wrapped_by?: readonly string[];
  /** Base names none of which may run this command. */
  readonly not_wrapped_by?: readonly string[];
  /** Whether another program runs this command, `sudo` as well as an editor's shell escape. */
  readonly wrapped?: boolean;
  /** Whether the command runs a file that the same text has left empty: it tests a directory. */
  readonly runs_empty?: boolean;
  /** Whether one of its arguments is a file that the same text has written. */
  readonly own_file?: boolean;
  /** Whether the command runs what an earlier command of the same text fetched. */
  readonly runs_fetched?: boolean;
  /** Whether its words are hidden by quotes, escapes or variables inside them. */
  readonly obfuscated?: boolean;
}

/** Patterns of a command condition with the key that holds them, for proving and for prefilters. */
export function commandPatterns(
  condition: CommandCondition,
): readonly (readonly [key: CommandPatternKey, pattern: string])[] {
  return PATTERN_KEYS.flatMap((key) => {
    const pattern = condition[key];
    return pattern === undefined ? [] : [[key, pattern] as const];
  });
}

const names = v.pipe(
  v.array(
    v.pipe(
      v.string("must be the name of a program"),
      v.regex(/^[^\s/]{1,64}$/, "must be the base name of a program, without path or blanks"),
    ),
    "must be a list of program names",
  ),
  v.minLength(1, "must name at least one program"),
  v.maxLength(256, "must name at most 256 programs"),
);

const fact = v.boolean("must be true or false");

const pattern = v.pipe(v.string("must be a pattern"), v.nonEmpty("must not be empty"));

/** Keys of a command condition that are true or false. */
const FACT_KEYS = ["wrapped", "runs_empty", "own_file", "runs_fetched", "obfuscated"] as const;

const KEYS = [...PROGRAM_KEYS, ...PATTERN_KEYS, ...FACT_KEYS].join(", ");

/** Schema of `command:` inside `match`. */
export const CommandConditionSchema = v.pipe(
  v.strictObject({
    program: v.exactOptional(names),
    not_program: v.exactOptional(names),
    path: v.exactOptional(pattern),
    args: v.exactOptional(pattern),
    not_args: v.exactOptional(pattern),
    writes: v.exactOptional(pattern),
    reads: v.exactOptional(pattern),
    assigns: v.exactOptional(pattern),
    piped_into: v.exactOptional(names),
    piped_from: v.exactOptional(names),
    wrapped_by: v.exactOptional(names),
    not_wrapped_by: v.exactOptional(names),
    wrapped: v.exactOptional(fact),
    runs_empty: v.exactOptional(fact),
    own_file: v.exactOptional(fact),
    runs_fetched: v.exactOptional(fact),
    obfuscated: v.exactOptional(fact),
  }, `must be an object of ${KEYS}`),
  v.check((condition) => Object.keys(condition).length > 0, `must have at least one of ${KEYS}`),
);

import * as v from "valibot";

/**
 * What one simple command must be: it holds when one command of the text
 * satisfies all the parts that are present.
 */
export interface CommandCondition {
  /** Base names one of which the program must have. */
  readonly program?: readonly string[];
  /** RE2 pattern, searched in the arguments joined by single blanks. */
  readonly args?: string;
  /** RE2 pattern, searched in each redirection or `tee` target that is written to. */
  readonly writes?: string;
  /** Base names one of which must read this command's output. */
  readonly piped_into?: readonly string[];
  /** Whether the command runs what an earlier command of the same text fetched. */
  readonly runs_fetched?: boolean;
}

/** Patterns of a command condition with the key that holds them, for proving and for prefilters. */
export function commandPatterns(
  condition: CommandCondition,
): readonly (readonly [key: "args" | "writes", pattern: string])[] {
  const { args, writes } = condition;
  return [
    ...(args === undefined ? [] : [["args", args] as const]),
    ...(writes === undefined ? [] : [["writes", writes] as const]),
  ];
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

const pattern = v.pipe(v.string("must be a pattern"), v.nonEmpty("must not be empty"));

/** Schema of `command:` inside `match`. */
export const CommandConditionSchema = v.pipe(
  v.strictObject({
    program: v.exactOptional(names),
    args: v.exactOptional(pattern),
    writes: v.exactOptional(pattern),
    piped_into: v.exactOptional(names),
    runs_fetched: v.exactOptional(v.boolean("must be true or false")),
  }, "must be an object of program, args, writes, piped_into and runs_fetched"),
  v.check(
    (condition) => Object.keys(condition).length > 0,
    "must have at least one of program, args, writes, piped_into and runs_fetched",
  ),
);

import * as v from "valibot";
import { idGlob } from "../id_glob.ts";
import { checkPattern } from "../compile/pattern.ts";
import { parseAddressRange } from "../run/address_range.ts";
import type { Problem } from "./problem.ts";
import type { YamlSource } from "./yaml_source.ts";

/**
 * What an operator does not want to be told of, from `exceptions.yaml` of a
 * directory of rules. Everything that is present must hold.
 */
export interface OperatorException {
  /** Ids of rules that it is for; `*` and `?` stand for anything. */
  readonly rules: readonly string[];
  /** Addresses, or ranges in CIDR notation, one of which the attacker has. */
  readonly attacker_ip?: readonly string[];
  /** Decoys one of which saw it. */
  readonly decky_id?: readonly string[];
  /** RE2 pattern that is searched in the command; then it is for commands only. */
  readonly command?: string;
  /** Why. */
  readonly reason?: string;
  /** From when on it no longer holds, ISO 8601. */
  readonly expires_at?: string;
}

/** What stands in an exceptions file, as it is read. */
export interface ExceptionsFile {
  readonly file: string;
  readonly exceptions: readonly OperatorException[];
}

/** Most entries of a list. */
const MAX_ENTRIES = 1024;

const text = v.pipe(
  v.string("must be a text"),
  v.nonEmpty("must not be empty"),
  v.maxLength(1024, "must have at most 1024 characters"),
);

/** One text will do where a list is meant. */
const texts = <T extends v.GenericSchema<unknown, string>>(item: T) =>
  v.pipe(
    v.unknown(),
    v.transform((value) => typeof value === "string" ? [value] : value),
    v.array(item, "must be a list of texts"),
    v.minLength(1, "must have at least one entry"),
    v.maxLength(MAX_ENTRIES, `must have at most ${MAX_ENTRIES} entries`),
  );

const ExceptionSchema = v.pipe(
  v.strictObject({
    rules: texts(text),
    attacker_ip: v.exactOptional(texts(v.pipe(
      text,
      v.check(
        (range) => parseAddressRange(range) !== undefined,
        "must be an address or a range like 203.0.113.0/24",
      ),
    ))),
    decky_id: v.exactOptional(texts(text)),
    command: v.exactOptional(text),
    reason: v.exactOptional(text),
    expires_at: v.exactOptional(v.pipe(
      v.string("must be a date or a time like 2026-01-31T12:00:00Z"),
      v.check(
        (time) => /^\d{4}-\d\d-\d\d/.test(time) && Number.isFinite(Date.parse(time)),
        "must be a date or a time like 2026-01-31T12:00:00Z",
      ),
    )),
  }, "must be an object with rules and one of attacker_ip, decky_id and command"),
  v.check(
    (entry) => ["attacker_ip", "decky_id", "command"].some((key) => Object.hasOwn(entry, key)),
    "must have one of attacker_ip, decky_id and command; to switch a rule off, use `rules disable`",
  ),
);

/** Schema of the list that an exceptions file holds. */
export const ExceptionsSchema = v.pipe(
  v.array(ExceptionSchema, "must be a list of exceptions"),
  v.maxLength(MAX_ENTRIES, `must have at most ${MAX_ENTRIES} entries`),
);

/** Whether a file of a rule directory holds exceptions. */
export function isExceptionsFile(name: string): boolean {
  return /(?:^|[\\/])exceptions\.ya?ml$/.test(name);
}

/**
 * Proves what the schema cannot: patterns that are linear in the text, rules that
 * exist, and exceptions that still hold.
 *
 * @param ruleIds rules that are in force or stand beside the file
 */
export function checkExceptions(
  { exceptions }: ExceptionsFile,
  source: YamlSource | undefined,
  ruleIds: readonly string[],
  { now, allowBacktracking }: { readonly now?: Date; readonly allowBacktracking: boolean },
): readonly Problem[] {
  const problems: Problem[] = [];
  if (source === undefined) return problems;
  for (const [index, { rules, command, expires_at: end }] of exceptions.entries()) {
    // One exception need not stand in a list.
    const at = (key: string) => Array.isArray(source.value) ? [index, key] : [key];
    const fault = command === undefined ? undefined : checkPattern(command, allowBacktracking);
    if (fault !== undefined) problems.push(source.problem(at("command"), fault));
    for (const glob of rules) {
      const isFor = idGlob(glob);
      if (isFor !== undefined && ruleIds.some(isFor)) continue;
      problems.push(source.problem(at("rules"), {
        code: "no_such_rule",
        severity: "warning",
        message: `no rule has an id like ${glob}`,
      }));
    }
    if (end === undefined || now === undefined || Date.parse(end) > now.getTime()) continue;
    problems.push(source.problem(at("expires_at"), {
      code: "exception_expired",
      severity: "warning",
      message: `the exception no longer holds since ${end}`,
      remedy: "take it out, or set another time",
    }));
  }
  return problems;
}

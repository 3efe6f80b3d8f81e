import type * as v from "valibot";
import type { Problem } from "./problem.ts";
import type { Path, YamlSource } from "./yaml_source.ts";
import { pathText } from "./yaml_source.ts";

/** Longest piece of a wrong value that is quoted in a message. */
const SHOWN_CHARACTERS = 60;

/** Turns what a schema refused into problems at their places in the file. */
export function schemaProblems(
  source: YamlSource,
  issues: readonly v.BaseIssue<unknown>[],
): readonly Problem[] {
  return issues.map((issue) => schemaProblem(source, issue));
}

function schemaProblem(source: YamlSource, issue: v.BaseIssue<unknown>): Problem {
  const path: Path = (issue.path ?? []).map(({ key }) =>
    typeof key === "number" ? key : String(key)
  );
  const where = path.length === 0 ? "the document" : pathText(path);
  // Valibot reports a missing or unknown key as an issue of the object whose path ends in the key.
  const key = issue.path?.at(-1);
  const misfit = issue.type === "object" || issue.type === "strict_object";
  if (misfit && key !== undefined && issue.expected === "never") {
    return source.problem(path, {
      code: "unknown_field",
      message: `${where} is not a field of rules here`,
      atKey: true,
    });
  }
  if (misfit && key !== undefined && issue.received === "undefined") {
    return source.problem(path, { code: "missing_field", message: `${where} is missing` });
  }
  return source.problem(path, {
    code: "invalid_value",
    message: `${where} ${issue.message}${shown(issue.input)}`,
  });
}

function shown(input: unknown): string {
  if (input === undefined || (typeof input === "object" && input !== null)) return "";
  const text = JSON.stringify(input);
  return text.length > SHOWN_CHARACTERS
    ? `, not ${text.slice(0, SHOWN_CHARACTERS)}…`
    : `, not ${text}`;
}

/** Warns of fields that nothing reads; they may be a slip of the pen, or another program's. */
export function unknownFields(
  source: YamlSource,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly Problem[] {
  return Object.keys(value).filter((key) => !known.includes(key)).map((key) =>
    source.problem([key], {
      code: "unknown_field",
      severity: "warning",
      message: `${key} is not a field of this format and is ignored`,
      remedy: `the fields are ${known.join(", ")}`,
      atKey: true,
    })
  );
}

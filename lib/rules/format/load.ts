import * as v from "valibot";
import type { RuleDocument } from "./document.ts";
import { type ExceptionsFile, ExceptionsSchema, isExceptionsFile } from "./exceptions.ts";
import { type IntelTable, IntelTableSchema } from "./intel_table.ts";
import type { Problem } from "./problem.ts";
import { makeRule, type Rule } from "../rule.ts";
import { RemovalSchema, RuleSchema } from "./schema.ts";
import { schemaProblems, unknownFields } from "./schema_problems.ts";
import { YamlSource } from "./yaml_source.ts";

/** A file that the caller has read, or could not read. */
export interface RuleFile {
  /** As the user named it; a parent folder `intel` makes it an intel table. */
  readonly name: string;
  /** Its content; empty when it could not be read. */
  readonly text: string;
  /** Why it could not be read, as half a sentence. */
  readonly unreadable?: string;
}

/** A rule of the pack that a directory takes away: `emits` and `applies_to` are empty. */
export interface Removal {
  readonly ruleId: string;
  readonly file: string;
}

/** What a set of files says, and what is wrong with them. */
export interface ParsedRules {
  /** Accepted rules, in the order of the files; ids may repeat. */
  readonly rules: readonly Rule[];
  /**
   * What of refused rules the schema has accepted, so that a mistake in one field
   * does not hide those in the others; an absent part is empty here.
   */
  readonly halves: readonly Rule[];
  readonly intel: readonly IntelTable[];
  readonly removals: readonly Removal[];
  /** What an operator does not want to be told of. */
  readonly exceptionFiles: readonly ExceptionsFile[];
  /** In the order of files and lines. */
  readonly problems: readonly Problem[];
  /** Where things stand, by file, for checks that come later. */
  readonly sources: ReadonlyMap<string, YamlSource>;
}

const RULE_FIELDS = Object.keys(RuleSchema.entries);
const INTEL_FIELDS = Object.keys(IntelTableSchema.entries);

/**
 * Reads rule files and intel tables: YAML and schema. A file with an error gives
 * no rule; every problem of every file is reported.
 */
export function parseRuleFiles(files: readonly RuleFile[]): ParsedRules {
  const rules: Rule[] = [];
  const halves: Rule[] = [];
  const intel: IntelTable[] = [];
  const removals: Removal[] = [];
  const exceptionFiles: ExceptionsFile[] = [];
  const problems: Problem[] = [];
  const sources = new Map<string, YamlSource>();
  for (const { name, text, unreadable } of files) {
    if (unreadable !== undefined) {
      problems.push(unreadableFile(name, unreadable));
      continue;
    }
    const source = new YamlSource(name, text);
    sources.set(name, source);
    problems.push(...source.problems);
    if (source.value === undefined) continue;
    const value = withoutNulls(source.value);
    if (isIntelFile(name)) {
      const table = accept(source, value, IntelTableSchema, INTEL_FIELDS, problems);
      if (table !== undefined) intel.push(table);
    } else if (isExceptionsFile(name)) {
      const accepted = accept(
        source,
        Array.isArray(value) ? value : [value],
        ExceptionsSchema,
        [],
        problems,
      );
      if (accepted !== undefined) exceptionFiles.push({ file: name, exceptions: accepted });
    } else if (isRemoval(value)) {
      const removed = accept(source, value, RemovalSchema, RULE_FIELDS, problems);
      if (removed !== undefined) removals.push({ ruleId: removed.rule_id, file: name });
    } else {
      const document = accept(source, value, RuleSchema, RULE_FIELDS, problems);
      if (document === undefined) halves.push(...acceptedHalf(value, name));
      else rules.push(makeRule(document as RuleDocument, name));
    }
  }
  return { rules, halves, intel, removals, exceptionFiles, problems, sources };
}

/** Whether a file name stands in a folder named `intel`. */
export function isIntelFile(name: string): boolean {
  return /(?:^|[\\/])intel[\\/][^\\/]*$/.test(name);
}

function unreadableFile(file: string, message: string): Problem {
  const place = { file, line: 1, column: 1, path: [] };
  return { code: "unreadable", severity: "error", ...place, message };
}

function accept<T extends v.GenericSchema>(
  source: YamlSource,
  value: unknown,
  schema: T,
  known: readonly string[],
  problems: Problem[],
): v.InferOutput<T> | undefined {
  const result = v.safeParse(schema, value);
  const found = result.success ? [] : [...schemaProblems(source, result.issues)];
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    found.push(...unknownFields(source, value as Readonly<Record<string, unknown>>, known));
  }
  problems.push(...found.sort((a, b) => a.line - b.line || a.column - b.column));
  return result.success ? result.output : undefined;
}

/** The match and the emissions of a rule that was refused, where they hold by themselves. */
function acceptedHalf(value: unknown, file: string): readonly Rule[] {
  if (typeof value !== "object" || value === null) return [];
  const { match, emits, applies_to: kinds, attack_release } = value as Readonly<
    Record<string, unknown>
  >;
  const { entries } = RuleSchema;
  const matched = v.safeParse(entries.match, match);
  const emitted = v.safeParse(entries.emits, emits);
  const applied = v.safeParse(entries.applies_to, kinds);
  // Where a condition belongs cannot be told without the kinds, nor a detector without its rule.
  const isProvable = matched.success && applied.success && !Object.hasOwn(Object(match), "kind");
  const document = {
    match: isProvable ? matched.output : {},
    applies_to: applied.success ? applied.output : [],
    emits: emitted.success ? emitted.output : [],
    ...(typeof attack_release === "string" && { attack_release }),
  };
  return [makeRule(document as unknown as RuleDocument, file)];
}

function isRemoval(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { emits, applies_to } = value as { emits?: unknown; applies_to?: unknown };
  return [emits, applies_to].every((entry) => Array.isArray(entry) && entry.length === 0);
}

/**
 * Drops keys without a value: `sub_technique_id:` with nothing behind it means
 * that there is none. Payloads of examples are left alone, there null is data.
 */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, entry]) => entry !== null)
      .map(([key, entry]) => [key, key === "tests" ? entry : withoutNulls(entry)]),
  );
}

import type { Attack } from "../attack/matrix.ts";
import { type CheckContext, checkRules } from "./format/check.ts";
import { isExceptionsFile, type OperatorException } from "./format/exceptions.ts";
import type { IntelTable } from "./format/intel_table.ts";
import { isIntelFile, type ParsedRules, parseRuleFiles, type RuleFile } from "./format/load.ts";
import { migrateRules } from "./format/migrate.ts";
import type { Problem } from "./format/problem.ts";
import { byRuleId, canonicalJson, type Rule } from "./rule.ts";
import { inFileOrder } from "./format/rule_problem.ts";

/** Rules and intel tables that are in force together. */
export interface Pack {
  /** Rules in id order. */
  readonly rules: readonly Rule[];
  /** At most one table a provider. */
  readonly intel: readonly IntelTable[];
  /** What an operator does not want to be told of; the built pack has none. */
  readonly exceptions?: readonly OperatorException[];
}

/** One rule, intel table or the exceptions that differ between two packs, or were not accepted. */
export interface RuleChange {
  readonly kind: "rule" | "table" | "exceptions";
  /** Id of the rule, provider of the table, or `exceptions`. */
  readonly ruleId: string;
  readonly change: "added" | "changed" | "removed" | "rejected";
  /** Version in force afterwards, or the one that was removed; 0 when there is none, and for tables. */
  readonly ruleVersion: number;
  /** Why it was rejected: the first problem of its file. */
  readonly problem?: Problem;
}

/** What laying a directory over a pack gave. */
export interface Overlay {
  /** Rules in force, in id order. */
  readonly pack: Pack;
  /** Every problem of the files; those of severity `error` made a file count for nothing. */
  readonly problems: readonly Problem[];
}

/** How files are laid over a pack. */
export interface OverlayContext extends CheckContext {
  /** Bring what the files emit to the loaded ATT&CK release first, with a warning for each change. */
  readonly migrate?: boolean;
}

/**
 * Lays rule files over a pack: a rule with the same id replaces, empty `emits` and
 * `applies_to` remove, an intel table replaces that of its provider. Everything
 * is proven; a file with an error counts for nothing, and what the pack has for
 * its id stays. A caller that wants all or nothing looks at the problems.
 */
export function overlay(
  base: Pack,
  files: readonly RuleFile[],
  attack: Attack,
  context: OverlayContext,
): Overlay {
  const { parsed, notices } = context.migrate === true
    ? migrated(parseRuleFiles(files), attack)
    : { parsed: parseRuleFiles(files), notices: [] };
  const problems = inFileOrder([
    ...parsed.problems,
    ...notices,
    ...checkRules(parsed, attack, { ...context, beside: base }),
  ]);
  return { pack: applied(base, parsed, problems), problems };
}

/**
 * Lays rule files over a pack as a reload does: where a file is bad, what was in
 * force before stays.
 *
 * @param base the built pack
 * @param before what was in force until now
 */
export function reload(
  base: Pack,
  before: Pack,
  files: readonly RuleFile[],
  attack: Attack,
  context: OverlayContext,
): Overlay & { readonly changes: readonly RuleChange[] } {
  const { pack: laid, problems } = overlay(base, files, attack, context);
  const rejected = firstErrors(problems, before.rules);
  const keep = <T>(now: readonly T[], old: readonly T[], nameOf: (item: T) => string): T[] => {
    const kept = new Map(now.map((item) => [nameOf(item), item]));
    for (const name of rejected.keys()) kept.delete(name);
    for (const item of old) if (rejected.has(nameOf(item))) kept.set(nameOf(item), item);
    return [...kept.values()];
  };
  const pack = {
    rules: keep(laid.rules, before.rules, idOf).sort(byRuleId),
    intel: keep(laid.intel, before.intel, providerOf),
    exceptions: (rejected.has(EXCEPTIONS) ? before : laid).exceptions ?? [],
  };
  return {
    pack,
    problems,
    changes: [...changesBetween(before, pack), ...rejections(rejected, pack)],
  };
}

/** What differs between two packs: rules in id order, then tables. */
export function changesBetween(before: Pack, after: Pack): readonly RuleChange[] {
  const rules = differences(before.rules, after.rules, idOf, ({ hash }) => hash);
  const tables = differences(before.intel, after.intel, providerOf, canonicalJson);
  return [
    ...rules.map(({ name, change, item: { document } }): RuleChange => ({
      kind: "rule",
      ruleId: name,
      change,
      ruleVersion: document.rule_version,
    })),
    ...tables.map(({ name, change }): RuleChange => ({
      kind: "table",
      ruleId: name,
      change,
      ruleVersion: 0,
    })),
    ...exceptionChanges(before.exceptions ?? [], after.exceptions ?? []),
  ];
}

function exceptionChanges(
  before: readonly OperatorException[],
  after: readonly OperatorException[],
): readonly RuleChange[] {
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const change = before.length === 0 ? "added" : after.length === 0 ? "removed" : "changed";
  return [{ kind: "exceptions", ruleId: EXCEPTIONS, change, ruleVersion: 0 }];
}

/** What the exceptions of a directory are called among its rules and tables. */
const EXCEPTIONS = "exceptions";

interface Difference<T> {
  readonly name: string;
  readonly change: "added" | "changed" | "removed";
  /** As it is now, or was before it was removed. */
  readonly item: T;
}

function differences<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (item: T) => string,
  contentOf: (item: T) => string,
): readonly Difference<T>[] {
  const old = new Map(before.map((item) => [nameOf(item), item]));
  const now = new Map(after.map((item) => [nameOf(item), item]));
  const found: Difference<T>[] = [];
  for (const name of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(name), now.get(name)];
    if (is === undefined) found.push({ name, change: "removed", item: was! });
    else if (was === undefined) found.push({ name, change: "added", item: is });
    else if (contentOf(was) !== contentOf(is)) found.push({ name, change: "changed", item: is });
  }
  return found;
}

function migrated(
  parsed: ParsedRules,
  attack: Attack,
): { readonly parsed: ParsedRules; readonly notices: readonly Problem[] } {
  const { rules, notices } = migrateRules(parsed.rules, attack.enterprise);
  return {
    parsed: { ...parsed, rules },
    notices: notices.flatMap(({ file, message }) =>
      parsed.sources.get(file)?.problem(["emits"], {
        code: "migrated",
        severity: "warning",
        message: `the rule is used with other ids: ${message}`,
        remedy: "rewrite the file with `rules migrate`",
      }) ?? []
    ),
  };
}

function applied(base: Pack, parsed: ParsedRules, problems: readonly Problem[]): Pack {
  const rejected = firstErrors(problems);
  const files = new Set(
    problems.filter(({ severity }) => severity === "error").map(({ file }) => file),
  );
  const good = (name: string, file: string): boolean => !files.has(file) && !rejected.has(name);
  const rules = new Map(base.rules.map((rule) => [idOf(rule), rule]));
  for (const rule of parsed.rules) if (good(idOf(rule), rule.file)) rules.set(idOf(rule), rule);
  for (const { ruleId, file } of parsed.removals) if (good(ruleId, file)) rules.delete(ruleId);
  const intel = new Map(base.intel.map((table) => [table.provider, table]));
  for (const table of parsed.intel) {
    if (!rejected.has(table.provider)) intel.set(table.provider, table);
  }
  const exceptions = parsed.exceptionFiles.filter(({ file }) => good(EXCEPTIONS, file));
  return {
    rules: [...rules.values()].sort(byRuleId),
    intel: [...intel.values()],
    exceptions: exceptions.flatMap((file) => file.exceptions),
  };
}

/**
 * The first error by the rule or provider that its file is about: what the file
 * says it is and what it was before, or, where neither is known, what it is called.
 */
function firstErrors(
  problems: readonly Problem[],
  before: readonly Rule[] = [],
): ReadonlyMap<string, Problem> {
  const former = new Map(before.map((rule) => [rule.file, idOf(rule)]));
  const errors = new Map<string, Problem>();
  for (const problem of problems) {
    if (problem.severity !== "error") continue;
    const { file } = problem;
    const [said] = isExceptionsFile(file) ? [EXCEPTIONS] : problem.path;
    const was = former.get(file);
    for (const name of new Set([said ?? was ?? baseName(file), was ?? said ?? baseName(file)])) {
      if (!errors.has(name)) errors.set(name, problem);
    }
  }
  return errors;
}

function rejections(rejected: ReadonlyMap<string, Problem>, pack: Pack): readonly RuleChange[] {
  const versions = new Map(pack.rules.map((rule) => [idOf(rule), rule.document.rule_version]));
  return [...rejected].map(([name, problem]): RuleChange => ({
    kind: isIntelFile(problem.file)
      ? "table"
      : isExceptionsFile(problem.file)
      ? "exceptions"
      : "rule",
    ruleId: name,
    change: "rejected",
    ruleVersion: versions.get(name) ?? 0,
    problem,
  }));
}

function idOf(rule: Rule): string {
  return rule.document.rule_id;
}

function providerOf({ provider }: IntelTable): string {
  return provider;
}

function baseName(file: string): string {
  return file.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
}

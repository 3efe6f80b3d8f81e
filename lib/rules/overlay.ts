import type { Attack } from "../attack/matrix.ts";
import { type CheckContext, checkRules } from "./check.ts";
import type { IntelTable } from "./intel_table.ts";
import { isIntelFile, type ParsedRules, parseRuleFiles, type RuleFile } from "./load.ts";
import { migrateRules } from "./migrate.ts";
import type { Problem } from "./problem.ts";
import { byRuleId, type Rule } from "./rule.ts";
import { inFileOrder } from "./rule_problem.ts";

/** Rules and intel tables that are in force together. */
export interface Pack {
  /** Rules in id order. */
  readonly rules: readonly Rule[];
  /** At most one table a provider. */
  readonly intel: readonly IntelTable[];
}

/** One rule that differs between two packs, or that was not accepted. */
export interface RuleChange {
  readonly ruleId: string;
  readonly change: "added" | "changed" | "removed" | "rejected";
  /** Version in force afterwards, or the one that was removed; 0 when there is none. */
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
  const rejected = firstErrors(problems);
  const keep = <T>(now: readonly T[], old: readonly T[], nameOf: (item: T) => string): T[] => {
    const kept = new Map(now.map((item) => [nameOf(item), item]));
    for (const name of rejected.keys()) kept.delete(name);
    for (const item of old) if (rejected.has(nameOf(item))) kept.set(nameOf(item), item);
    return [...kept.values()];
  };
  const pack = {
    rules: keep(laid.rules, before.rules, idOf).sort(byRuleId),
    intel: keep(laid.intel, before.intel, ({ provider }) => provider),
  };
  return {
    pack,
    problems,
    changes: [...changesBetween(before, pack), ...rejections(rejected, pack)],
  };
}

/** What differs between two packs, in id order. */
export function changesBetween(before: Pack, after: Pack): readonly RuleChange[] {
  const old = new Map(before.rules.map((rule) => [idOf(rule), rule]));
  const now = new Map(after.rules.map((rule) => [idOf(rule), rule]));
  const changes: RuleChange[] = [];
  for (const id of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [was, is] = [old.get(id), now.get(id)];
    const ruleVersion = (is ?? was)?.document.rule_version ?? 0;
    if (was === undefined) changes.push({ ruleId: id, change: "added", ruleVersion });
    else if (is === undefined) changes.push({ ruleId: id, change: "removed", ruleVersion });
    else if (was.hash !== is.hash) changes.push({ ruleId: id, change: "changed", ruleVersion });
  }
  return changes;
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
  return { rules: [...rules.values()].sort(byRuleId), intel: [...intel.values()] };
}

/**
 * The first error by the rule or provider that its file is about: what the file
 * says it is, or, where that cannot be read, what it is called.
 */
function firstErrors(problems: readonly Problem[]): ReadonlyMap<string, Problem> {
  const errors = new Map<string, Problem>();
  for (const problem of problems) {
    if (problem.severity !== "error") continue;
    const name = problem.path[0] ?? baseName(problem.file);
    if (!errors.has(name)) errors.set(name, problem);
  }
  return errors;
}

function rejections(rejected: ReadonlyMap<string, Problem>, pack: Pack): readonly RuleChange[] {
  const versions = new Map(pack.rules.map((rule) => [idOf(rule), rule.document.rule_version]));
  return [...rejected].filter(([, { file }]) => !isIntelFile(file)).map(([ruleId, problem]) => ({
    ruleId,
    change: "rejected",
    ruleVersion: versions.get(ruleId) ?? 0,
    problem,
  }));
}

function idOf(rule: Rule): string {
  return rule.document.rule_id;
}

function baseName(file: string): string {
  return file.replace(/^.*[\\/]/, "").replace(/\.ya?ml$/, "");
}

import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Matrix } from "../../attack/matrix.ts";
import { migrate, type TechniqueRef } from "../../attack/migration.ts";
import type { Emission } from "./document.ts";
import { makeRule, type Rule } from "../rule.ts";

/** One thing that a migration changed. */
export interface MigrationNotice {
  readonly ruleId: string;
  readonly file: string;
  /** 1-based; 1 when the rule is not at hand as a text. */
  readonly line: number;
  /** One sentence. */
  readonly message: string;
}

/** A rule file in the ids of another release. */
export interface MigratedText {
  /** The same text when nothing had to change. */
  readonly text: string;
  readonly notices: readonly MigrationNotice[];
}

/** Keys of an emission that name techniques. */
const KEYS = ["tactic", "technique_id", "sub_technique_id"] as const;

/** Replaces a part of a text. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Rewrites the emissions of a rule file to the ids of a release. Only the ids
 * change: comments, quotes and order stay as they are. What has no counterpart is
 * left for `validate` to report.
 *
 * @param matrix release that the rule shall hold in
 */
export function migrateRuleText(file: string, text: string, matrix: Matrix): MigratedText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent" });
  const emits: unknown = document.errors.length > 0 ? undefined : document.get("emits");
  if (!isSeq(emits)) return { text, notices: [] };
  const ruleId = String(document.get("rule_id"));
  const edits: Edit[] = [];
  const notices: MigrationNotice[] = [];
  for (const item of emits.items) {
    if (!isMap(item)) continue;
    const before = referenceOf(item);
    if (before === undefined) continue;
    const after = migrate(matrix, before);
    if (after.notices.length === 0) continue;
    edits.push(...editsOf(item, before, after.reference, text));
    const { line } = lines.linePos(item.range?.[0] ?? 0);
    notices.push(...after.notices.map((message) => ({ ruleId, file, line, message })));
  }
  const release: unknown = document.get("attack_release", true);
  if (isScalar(release) && isOtherRelease(release.value, matrix)) {
    edits.push(replacement(release, matrix.release));
    const { line } = lines.linePos(release.range?.[0] ?? 0);
    notices.push({ ruleId, file, line, message: releaseNotice(release.value, matrix) });
  }
  return { text: applied(text, edits), notices };
}

/**
 * The same for rules that are loaded already, so that rules of another release
 * can be used without touching their files.
 */
export function migrateRules(
  rules: readonly Rule[],
  matrix: Matrix,
): { readonly rules: readonly Rule[]; readonly notices: readonly MigrationNotice[] } {
  const notices: MigrationNotice[] = [];
  const migrated = rules.map((rule) => {
    const { document, file } = rule;
    const emits = document.emits.map((emission): Emission => {
      const { reference, notices: said } = migrate(matrix, emission);
      if (said.length === 0) return emission;
      notices.push(
        ...said.map((message) => ({ ruleId: document.rule_id, file, line: 1, message })),
      );
      const { tactic, technique_id, sub_technique_id } = reference;
      return {
        tactic,
        technique_id,
        ...(sub_technique_id !== undefined && { sub_technique_id }),
        confidence: emission.confidence,
      };
    });
    const { attack_release: release, ...rest } = document;
    const other = release !== undefined && isOtherRelease(release, matrix);
    if (other) {
      const message = releaseNotice(release, matrix);
      notices.push({ ruleId: document.rule_id, file, line: 1, message });
    }
    const same = emits.every((emission, index) => emission === document.emits[index]);
    if (same && !other) return rule;
    const { literals } = rule;
    return { ...makeRule({ ...rest, emits }, file), ...(literals !== undefined && { literals }) };
  });
  return { rules: migrated, notices };
}

/** Whether a rule is written for another release of the same domain. */
function isOtherRelease(release: unknown, { release: loaded }: Matrix): release is string {
  return typeof release === "string" && release !== loaded &&
    release.split("-", 1)[0] === loaded.split("-", 1)[0];
}

function releaseNotice(release: string, matrix: Matrix): string {
  return `the rule was written for ATT&CK ${release}, loaded is ${matrix.release}`;
}

function referenceOf(item: YAMLMap): TechniqueRef | undefined {
  const [tactic, technique, sub] = KEYS.map((key): unknown => item.get(key));
  if (typeof tactic !== "string" || typeof technique !== "string") return undefined;
  return {
    tactic,
    technique_id: technique,
    ...(typeof sub === "string" && { sub_technique_id: sub }),
  };
}

function editsOf(
  item: YAMLMap,
  before: TechniqueRef,
  after: TechniqueRef,
  text: string,
): readonly Edit[] {
  const edits: Edit[] = [];
  for (const key of KEYS) {
    const [was, is] = [before[key], after[key]];
    if (was === is) continue;
    const value: unknown = item.get(key, true);
    if (is === undefined) edits.push(removal(item, key, text));
    else if (isScalar(value) && value.value !== null) edits.push(replacement(value, is));
    else edits.push(addition(item, key, is, text));
  }
  return edits;
}

function replacement(value: Scalar, text: string): Edit {
  const [start = 0, end = 0] = value.range ?? [];
  return { start, end, text };
}

/** A new key behind `technique_id`, on a line of its own where the others are. */
function addition(item: YAMLMap, key: string, value: string, text: string): Edit {
  const pair = item.items.find((one) => keyOf(one) === "technique_id");
  const [, end] = rangeOf(pair?.value);
  const [start] = rangeOf(pair?.key);
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  const separator = item.flow === true ? ", " : `\n${" ".repeat(column)}`;
  return { start: end, end, text: `${separator}${key}: ${value}` };
}

/** A key with its value, up to the next key or from the end of the one before. */
function removal(item: YAMLMap, key: string, text: string): Edit {
  const index = item.items.findIndex((one) => keyOf(one) === key);
  const [start] = rangeOf(item.items[index]?.key);
  const next = item.items[index + 1];
  if (next !== undefined) return { start, end: rangeOf(next.key)[0], text: "" };
  const [, end] = rangeOf(item.items[index]?.value);
  const from = item.flow === true
    ? rangeOf(item.items[index - 1]?.value)[1]
    : text.lastIndexOf("\n", start);
  return { start: from, end, text: "" };
}

function keyOf(pair: Pair): unknown {
  return isScalar(pair.key) ? pair.key.value : undefined;
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const [start, end] = isScalar(node) ? node.range ?? [0, 0] : [0, 0];
  return [start, end];
}

function applied(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: piece } of edits.toSorted((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + piece + result.slice(end);
  }
  return result;
}

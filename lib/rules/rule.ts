import { createHash } from "node:crypto";
import type { RuleDocument } from "./format/document.ts";
import type { Requirement } from "./compile/requirement.ts";

/** A rule that the schema has accepted. */
export interface Rule {
  /** What the rule says. */
  readonly document: RuleDocument;
  /** File it was read from, as the user named it. */
  readonly file: string;
  /** SHA-256 of the canonical document, in lower-case hex: equal for rules that mean the same. */
  readonly hash: string;
  /**
   * Required literals by pattern, for rules of the built pack; derived when absent.
   *
   * @internal
   */
  readonly literals?: Readonly<Record<string, Requirement>>;
}

/** Makes a rule out of its document. */
export function makeRule(document: RuleDocument, file: string): Rule {
  return { document, file, hash: sha256(canonicalJson(document)) };
}

/** SHA-256 of a text's UTF-8, in lower-case hex. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** JSON with the keys of every object in code-unit order, so that equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  });
}

/** Order of rules everywhere: by id, in code units, whatever the host's locale. */
export function byRuleId(a: Rule, b: Rule): number {
  const [left, right] = [a.document.rule_id, b.document.rule_id];
  return left < right ? -1 : left > right ? 1 : 0;
}

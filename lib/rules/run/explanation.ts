import { ShellCommandMatcher } from "../command/matcher.ts";
import { explainCommand } from "./explain_command.ts";
import { COMMAND_FIELD, compileRule, FieldNumbers } from "../compile/compiled_rule.ts";
import type { Span, TextPattern } from "../compile/conditions.ts";
import type { FieldCondition, PatternMatch, Payload } from "../format/document.ts";
import { isLifterMatch } from "../format/document.ts";
import { defaultField, fieldReader } from "../format/field.ts";
import type { Origin } from "./hit.ts";
import { literalTest } from "../compile/literal_test.ts";
import { normaliseCommand } from "../command/words/normalise.ts";
import { textPattern } from "../compile/pattern.ts";
import { foldText, literalParts } from "../compile/requirement.ts";
import type { Rule } from "../rule.ts";
import type { SourceKind } from "../source_kind.ts";

/** Characters of a text that are quoted before and behind what was found. */
const CONTEXT_CHARACTERS = 60;

/** Longest find that is quoted, in characters. */
const FOUND_CHARACTERS = 160;

/** What was found in a text, cut to a length that can be shown; `…` stands for what is left out. */
export interface Excerpt {
  readonly before: string;
  readonly found: string;
  readonly after: string;
}

/** What came of one condition. */
export interface ConditionExplanation {
  readonly condition: FieldCondition;
  /** Field that it looks at. */
  readonly field: string;
  readonly holds: boolean;
  /** The part of the field's text that it found. */
  readonly span?: Span;
  /** That part with what stands around it. */
  readonly excerpt?: Excerpt;
  /** Keys of a `command` condition that its nearest command fails on. */
  readonly fails?: readonly string[];
  /** Program and arguments of that command. */
  readonly nearest?: string;
}

/** What came of one group of a rule. */
export interface GroupExplanation {
  readonly group: "match" | "all" | "any" | "none";
  /** Whether the group lets the rule match. */
  readonly holds: boolean;
  readonly conditions: readonly ConditionExplanation[];
}

/** Why a pattern rule matched an event, or why it did not. */
export interface RuleExplanation {
  readonly ruleId: string;
  readonly matched: boolean;
  /** The text that was looked at, when there is one. */
  readonly text?: string;
  /** How that text came out of the payload. */
  readonly origin: Origin;
  /** The prefilter dismisses the rule: none of these alternatives has all its literals in the text. */
  readonly missing?: readonly (readonly (readonly string[])[])[];
  readonly groups: readonly GroupExplanation[];
}

/** Explains rules one event at a time; slow and thorough, for people who ask why. */
export class Explainer {
  readonly #commands = new ShellCommandMatcher();
  readonly #patterns = new Map<string, TextPattern>();
  readonly #kind: SourceKind;
  readonly #payload: Payload;

  constructor(kind: SourceKind, payload: Payload) {
    this.#kind = kind;
    this.#payload = payload;
  }

  /**
   * Explains one rule: on the text as it is, then without its obfuscation, then on
   * what it decodes; the first that matches is shown, else the text as it is.
   *
   * @returns nothing for a rule that selects a detector in code
   */
  explain(rule: Rule): RuleExplanation | undefined {
    const { match } = rule.document;
    if (isLifterMatch(match)) return undefined;
    const variants = this.#variants();
    const explanations = variants.map((variant) => this.#explainOn(rule, match, variant));
    return explanations.find(({ matched }) => matched) ?? explanations[0];
  }

  #variants(): readonly { readonly payload: Payload; readonly origin: Origin }[] {
    const payload = this.#payload;
    const command = payload[COMMAND_FIELD];
    const plain = { payload, origin: {} };
    if (this.#kind !== "command" || typeof command !== "string") return [plain];
    const variant = (text: string, origin: Origin) => ({
      payload: { ...payload, [COMMAND_FIELD]: text },
      origin,
    });
    return [
      plain,
      variant(normaliseCommand(command), { normalised: true }),
      ...this.#commands.decode(command).map((text) => variant(text, { decoded: true })),
    ];
  }

  #explainOn(
    rule: Rule,
    match: PatternMatch,
    { payload, origin }: { readonly payload: Payload; readonly origin: Origin },
  ): RuleExplanation {
    const explain = (condition: FieldCondition) => this.#condition(condition, payload);
    const groups: GroupExplanation[] = [];
    const { any, all, none, ...direct } = match;
    if (Object.keys(direct).length > 0) {
      const condition = explain(direct);
      groups.push({ group: "match", holds: condition.holds, conditions: [condition] });
    }
    if (all !== undefined) {
      const conditions = all.map(explain);
      groups.push({ group: "all", holds: conditions.every(({ holds }) => holds), conditions });
    }
    if (any !== undefined) {
      const conditions = any.map(explain);
      groups.push({ group: "any", holds: conditions.some(({ holds }) => holds), conditions });
    }
    if (none !== undefined) {
      const conditions = none.map(explain);
      groups.push({ group: "none", holds: !conditions.some(({ holds }) => holds), conditions });
    }
    const matched = groups.every(({ holds }) => holds);
    const field = defaultField(this.#kind);
    const text = field === undefined ? undefined : fieldReader(field, this.#kind)(payload);
    const missing = matched ? undefined : this.#missing(rule, payload);
    return {
      ruleId: rule.document.rule_id,
      matched,
      ...(text !== undefined && { text }),
      origin,
      ...(missing !== undefined && { missing }),
      groups,
    };
  }

  #condition(condition: FieldCondition, payload: Payload): ConditionExplanation {
    const { command, pattern } = condition;
    const field = command === undefined
      ? condition.field ?? defaultField(this.#kind) ?? ""
      : COMMAND_FIELD;
    const text = fieldReader(field, this.#kind)(payload);
    if (text === undefined) return { condition, field, holds: false };
    if (command !== undefined) {
      const { holds, command: nearest, fails } = explainCommand(
        command,
        this.#commands.read(text),
        (one) => this.#pattern(one),
      );
      return {
        condition,
        field,
        holds,
        fails,
        ...(nearest !== undefined && {
          span: { start: nearest.start, end: nearest.end },
          excerpt: excerptOf(text, nearest),
          nearest: `${nearest.path} ${nearest.args}`.trim(),
        }),
      };
    }
    const span = pattern === undefined
      ? literalTest(condition).find(text)
      : this.#pattern(pattern).find(text);
    return {
      condition,
      field,
      holds: span !== undefined,
      ...(span !== undefined && { span, excerpt: excerptOf(text, span) }),
    };
  }

  /** Alternatives of literals that the prefilter looks for, when it finds none of them. */
  #missing(rule: Rule, payload: Payload): RuleExplanation["missing"] {
    const fields = new FieldNumbers();
    const compiled = compileRule(rule, {
      kind: this.#kind,
      fields,
      patterns: (pattern) => this.#pattern(pattern),
      commands: this.#commands,
    });
    if (compiled === undefined || compiled.alwaysFrom !== undefined) return undefined;
    const open = compiled.triggers.some(({ field, requires }) => {
      const text = fieldReader(fields.names[field] ?? "", this.#kind)(payload);
      if (text === undefined) return false;
      const resolved = this.#kind === "command" ? this.#commands.read(text).resolved ?? "" : "";
      const folded = foldText(`${text}\n${resolved}`);
      return requires.every((group) =>
        group.some((literal) => folded.includes(literalParts(literal)[0]))
      );
    });
    return open
      ? undefined
      : compiled.triggers.map(({ requires }) =>
        requires.map((group) => group.map((literal) => literalParts(literal)[0]))
      );
  }

  #pattern(pattern: string): TextPattern {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    const compiled = textPattern(pattern);
    this.#patterns.set(pattern, compiled);
    return compiled;
  }
}

function excerptOf(text: string, { start, end }: Span): Excerpt {
  const from = Math.max(0, start - CONTEXT_CHARACTERS);
  const to = Math.min(text.length, end + CONTEXT_CHARACTERS);
  const found = text.slice(start, Math.min(end, start + FOUND_CHARACTERS));
  return {
    before: (from > 0 ? "…" : "") + text.slice(from, start),
    found: found.length < end - start ? `${found}…` : found,
    after: text.slice(end, to) + (to < text.length ? "…" : ""),
  };
}

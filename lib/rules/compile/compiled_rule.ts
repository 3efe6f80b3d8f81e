import type {
  CommandMatcher,
  CommandSpan,
  Condition,
  PatternSource,
  Span,
  TextPattern,
} from "./conditions.ts";
import { type FieldCondition, isLifterMatch, type PatternMatch } from "../format/document.ts";
import { defaultField } from "../format/field.ts";
import { literalTest } from "./literal_test.ts";
import { moreSelective, requireAll, type Requirement } from "./requirement.ts";
import type { Rule } from "../rule.ts";
import type { SourceKind } from "../source_kind.ts";
import { spanOfEnds } from "./text_ends.ts";

/** Field whose text `command` conditions read. */
export const COMMAND_FIELD = "command_text";

/** One pattern rule, compiled for one source kind. */
export interface CompiledRule {
  readonly rule: Rule;
  /** All of these hold: the direct condition, then the group `all`. */
  readonly all: readonly Condition[];
  /** One of these holds; empty when the rule has no group `any`. */
  readonly any: readonly Condition[];
  /** None of these holds. */
  readonly none: readonly Condition[];
  /** It asks for simple commands and nothing else. */
  readonly commandOnly: boolean;
  /** Literals of which the rule, or one condition of its group `any`, needs some. */
  readonly triggers: readonly Trigger[];
  /** Where none of the triggers holds, the rule can match in texts of so many characters; absent when in none. */
  readonly alwaysFrom?: number;
  /** By condition of `any`: its trigger, or none when it has to be tried with the rule. */
  readonly triggerOf: readonly (number | undefined)[];
}

/** Literals that have to be in the text of one field. */
export interface Trigger {
  readonly field: number;
  /** At least one group. */
  readonly requires: Requirement;
}

/** Numbers the fields that the rules of one kind look at. */
export class FieldNumbers {
  readonly #numbers = new Map<string, number>();

  /** Number of a field, a new one when it was not asked for before. */
  of(field: string): number {
    const known = this.#numbers.get(field);
    if (known !== undefined) return known;
    this.#numbers.set(field, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  /** Fields in the order of their numbers. */
  get names(): readonly string[] {
    return [...this.#numbers.keys()];
  }
}

/** What compiling a rule needs besides the rule. */
export interface CompileContext {
  readonly kind: SourceKind;
  readonly fields: FieldNumbers;
  readonly patterns: PatternSource;
  readonly commands: CommandMatcher;
}

/**
 * Compiles a pattern rule for one of its source kinds; nothing for a rule that
 * selects a detector in code.
 *
 * @throws {TypeError} for a condition that the checks should have refused
 */
export function compileRule(rule: Rule, context: CompileContext): CompiledRule | undefined {
  const { match } = rule.document;
  if (isLifterMatch(match)) return undefined;
  const spec: PatternMatch = match;
  const compile = (condition: FieldCondition): Condition => compileCondition(condition, context);
  const direct = hasOperator(spec) ? [compile(spec)] : [];
  const all = [...direct, ...(spec.all ?? []).map(compile)];
  const any = (spec.any ?? []).map(compile);
  const none = (spec.none ?? []).map(compile);
  const commandOnly = [...all, ...any, ...none].every(({ type }) => type === "command");
  return { rule, all, any, none, commandOnly, ...triggersOf(all, any) };
}

function hasOperator(spec: PatternMatch): boolean {
  return Object.keys(spec).some((key) => key !== "any" && key !== "all" && key !== "none");
}

function compileCondition(condition: FieldCondition, context: CompileContext): Condition {
  if (condition.command !== undefined) {
    const test = context.commands.compile(condition.command, context.patterns);
    return { type: "command", field: context.fields.of(COMMAND_FIELD), test };
  }
  const name = condition.field ?? defaultField(context.kind);
  if (name === undefined) throw new TypeError(`${context.kind} has no default field`);
  const field = context.fields.of(name);
  return condition.pattern !== undefined
    ? { type: "pattern", field, pattern: context.patterns(condition.pattern) }
    : { type: "literal", field, ...literalTest(condition) };
}

function requirementOf(condition: Condition): Requirement {
  if (condition.type === "pattern") return condition.pattern.requires;
  return condition.type === "literal" ? condition.requires : condition.test.requires;
}

function minLengthOf(condition: Condition): number {
  if (condition.type === "literal") return 0;
  return condition.type === "pattern" ? condition.pattern.minLength : condition.test.minLength;
}

/**
 * One trigger a condition of `any`, with what `all` requires of the same field;
 * without any, the field whose conditions under `all` discard most.
 */
function triggersOf(
  all: readonly Condition[],
  any: readonly Condition[],
): Pick<CompiledRule, "triggers" | "alwaysFrom" | "triggerOf"> {
  const least = Math.max(0, ...all.map(minLengthOf));
  const required = Map.groupBy(all, ({ field }) => field);
  const requirementsOn = (field: number, more: readonly Condition[]): Trigger => ({
    field,
    requires: requireAll([...required.get(field) ?? [], ...more].map(requirementOf)),
  });
  const best = [...required.keys()].map((field) => requirementsOn(field, []))
    .filter(({ requires }) => requires.length > 0)
    .sort((a, b) => moreSelective(a.requires, b.requires))[0];
  if (any.length === 0) {
    return best === undefined
      ? { triggers: [], alwaysFrom: least, triggerOf: [] }
      : { triggers: [best], triggerOf: [] };
  }
  const triggers: Trigger[] = [];
  const triggerOf = any.map((condition) => {
    const own = requirementsOn(condition.field, [condition]);
    return own.requires.length > 0 ? triggers.push(own) - 1 : undefined;
  });
  const open = any.filter((_, index) => triggerOf[index] === undefined);
  if (open.length === 0) return { triggers, triggerOf };
  if (best !== undefined) return { triggers: [...triggers, best], triggerOf };
  return { triggers, alwaysFrom: Math.max(least, Math.min(...open.map(minLengthOf))), triggerOf };
}

/** The texts of one event, read by the conditions of all rules. */
export interface Texts {
  /** Text of a field by its number; absent when the payload has none. */
  text(field: number): string | undefined;
  /** What the command matcher makes of the command; made once. */
  reading(): unknown;
  /** The command that `reading()` is of. */
  readonly command: string;
  /** Counts the search of a text, and gives what of it may be searched: all, or its ends. */
  searchable(text: string): string;
  /** Whether the texts have the literals of a trigger of the rule at hand. */
  holdsTrigger(trigger: number): boolean;
}

/** The condition that is shown for a match, and where in which text. */
export interface Found {
  readonly field: number;
  readonly text: string;
  readonly span: CommandSpan;
  /** The text is the command as it was typed, also while a variant of it is matched. */
  readonly raw: boolean;
}

/** Evaluates a rule; gives the first part of it that was found. */
export function evaluate(rule: CompiledRule, texts: Texts): Found | undefined {
  let found: Found | undefined;
  for (const condition of rule.all) {
    const part = find(condition, texts);
    if (part === undefined) return undefined;
    found ??= part;
  }
  if (rule.any.length > 0) {
    const part = firstFound(rule, texts);
    if (part === undefined) return undefined;
    found ??= part;
  }
  for (const condition of rule.none) {
    if (holds(condition, texts)) return undefined;
  }
  return found;
}

/** Conditions whose literals are not there need not be tried. */
function firstFound({ any, triggerOf }: CompiledRule, texts: Texts): Found | undefined {
  for (let index = 0; index < any.length; index++) {
    const condition = any[index];
    const trigger = triggerOf[index];
    if (condition === undefined || trigger !== undefined && !texts.holdsTrigger(trigger)) continue;
    const found = find(condition, texts);
    if (found !== undefined) return found;
  }
  return undefined;
}

function find(condition: Condition, texts: Texts): Found | undefined {
  const { field } = condition;
  const text = texts.text(field);
  if (text === undefined) return undefined;
  if (condition.type === "command") {
    const span = condition.test.find(texts.reading());
    return span === undefined ? undefined : { field, text: texts.command, span, raw: true };
  }
  const span = condition.type === "pattern"
    ? findPattern(condition.pattern, text, texts)
    : condition.find(text);
  return span === undefined ? undefined : { field, text, span, raw: false };
}

function findPattern(pattern: TextPattern, text: string, texts: Texts): Span | undefined {
  const searched = texts.searchable(text);
  const span = pattern.find(searched);
  return span === undefined || searched === text ? span : spanOfEnds(span, text);
}

function holds(condition: Condition, texts: Texts): boolean {
  if (condition.type !== "pattern") return find(condition, texts) !== undefined;
  const text = texts.text(condition.field);
  if (text === undefined) return false;
  return condition.pattern.test(texts.searchable(text));
}

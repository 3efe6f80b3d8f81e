import { patternsOf } from "../format/check_match.ts";
import { ShellCommandMatcher } from "../command/matcher.ts";
import type { CommandMatcher, TextPattern } from "../compile/conditions.ts";
import { type MatchWork, WorkMeter } from "../compile/work_meter.ts";
import { isLifterMatch, type Payload } from "../format/document.ts";
import type { OperatorException } from "../format/exceptions.ts";
import { type ExceptionHit, Exceptions } from "./exceptions.ts";
import { NO_MATCHES, type RuleMatch } from "./hit.ts";
import { KindIndex } from "./kind_index.ts";
import { needsBacktracking, textPattern } from "../compile/pattern.ts";
import { byRuleId, type Rule } from "../rule.ts";
import { RuleError } from "../format/problem.ts";
import { KNOWN_SOURCE_KINDS, type SourceKind } from "../source_kind.ts";

export type { ExceptionHit };
export type { Hit } from "./hit.ts";

const NO_RULES: readonly Rule[] = Object.freeze([]);

/** Choices at compile time. */
export interface CompileOptions {
  /** Accept look-arounds and back-references; they run on the first 4 KiB of a text. */
  readonly allowBacktracking?: boolean;
  /**
   * Answers `command` conditions; the shell reader of this program by default.
   *
   * @internal
   */
  readonly commands?: CommandMatcher;
  /** What an operator does not want to be told of. */
  readonly exceptions?: readonly OperatorException[];
}

/**
 * An immutable set of rules, ready to match. A reload makes a new one; an
 * evaluation under way ends on the set it began with.
 */
export class RuleSet {
  /** In id order. */
  readonly rules: readonly Rule[];
  /**
   * What its rules do not count for, although they match.
   *
   * @internal
   */
  readonly exceptions: Exceptions;
  readonly #byId: ReadonlyMap<string, Rule>;
  readonly #lifterRules = new Map<SourceKind, readonly Rule[]>();
  /** Made when the first event of a kind comes: a kind that no sensor sends costs nothing. */
  readonly #indexes = new Map<SourceKind, KindIndex | undefined>();
  readonly #work = new WorkMeter();
  readonly #commands: CommandMatcher;
  readonly #patterns = new Map<string, TextPattern>();

  private constructor(rules: readonly Rule[], options: CompileOptions) {
    this.rules = rules;
    this.#byId = new Map(rules.map((rule) => [rule.document.rule_id, rule]));
    this.#commands = options.commands ?? new ShellCommandMatcher(this.#work);
    const { exceptions, ...others } = options;
    this.exceptions = new Exceptions((some) => RuleSet.compile(some, others), exceptions);
    if (options.allowBacktracking !== true) { for (const rule of rules) refuseBacktracking(rule); }
    for (const kind of KNOWN_SOURCE_KINDS) {
      const lifterRules = rules.filter(({ document }) =>
        document.applies_to.includes(kind) && isLifterMatch(document.match)
      );
      if (lifterRules.length > 0) this.#lifterRules.set(kind, lifterRules);
    }
  }

  /**
   * Makes a set of rules that the checks have accepted. What they ask of a kind of
   * events is compiled when the first of that kind comes, or by `prepare()`.
   *
   * @throws {RuleError} when an id stands twice or a rule has a defect that the checks refuse
   */
  static compile(rules: readonly Rule[], options: CompileOptions = {}): RuleSet {
    const ordered = rules.toSorted(byRuleId);
    for (const [index, rule] of ordered.entries()) {
      const before = ordered[index - 1];
      if (before?.document.rule_id === rule.document.rule_id) {
        throw defect(rule, "duplicate_id", `the id stands in ${before.file} too`);
      }
    }
    return new RuleSet(ordered, options);
  }

  /** The rule with an id. */
  get(id: string): Rule | undefined {
    return this.#byId.get(id);
  }

  /** Rules for a kind that select a detector in code, in id order. */
  lifterRules(kind: SourceKind): readonly Rule[] {
    return this.#lifterRules.get(kind) ?? NO_RULES;
  }

  /**
   * Pattern rules that match an event, in id order. Time is linear in the texts
   * of the payload; nothing that a payload holds makes it throw.
   */
  match(kind: SourceKind, payload: Payload): readonly RuleMatch[] {
    const known = this.#indexes.get(kind);
    const index = known === undefined && !this.#indexes.has(kind) ? this.#compile(kind) : known;
    this.#work.begin();
    return index === undefined ? NO_MATCHES : index.match(payload);
  }

  /** What the last `match()` took: counted in steps, and whether all of the event was looked at. */
  get work(): MatchWork {
    return this.#work;
  }

  /** Compiles what rules ask of a kind of events now, so that the first of them need not wait for it. */
  prepare(kind: SourceKind): void {
    if (!this.#indexes.has(kind)) this.#compile(kind);
  }

  #compile(kind: SourceKind): KindIndex | undefined {
    const rules = this.rules.filter(({ document }) =>
      document.applies_to.includes(kind) && !isLifterMatch(document.match)
    );
    const patternOf = (rule: Rule) => (pattern: string): TextPattern =>
      this.#pattern(pattern, rule);
    const index = rules.length === 0
      ? undefined
      : new KindIndex(kind, rules, patternOf, this.#commands, this.#work);
    this.#indexes.set(kind, index);
    return index;
  }

  #pattern(pattern: string, rule: Rule): TextPattern {
    const known = this.#patterns.get(pattern);
    if (known !== undefined) return known;
    const compiled = textPattern(pattern, rule.literals?.[pattern]);
    this.#patterns.set(pattern, compiled);
    return compiled;
  }
}

/** The patterns of the built pack have their literals with them: none needs backtracking. */
function refuseBacktracking(rule: Rule): void {
  if (rule.literals !== undefined) return;
  for (const [, pattern] of patternsOf(rule.document)) {
    if (!needsBacktracking(pattern)) continue;
    throw defect(rule, "backtracking", `the pattern ${pattern} needs backtracking`);
  }
}

function defect(rule: Rule, code: string, message: string): RuleError {
  const { document, file } = rule;
  return new RuleError([{
    code,
    severity: "error",
    file,
    line: 1,
    column: 1,
    path: [document.rule_id],
    message: `rule ${document.rule_id} cannot be loaded: ${message}`,
  }]);
}

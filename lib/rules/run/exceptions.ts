import type { Payload, RuleDocument } from "../format/document.ts";
import type { OperatorException } from "../format/exceptions.ts";
import { idGlob } from "../id_glob.ts";
import type { Rule } from "../rule.ts";
import type { SourceKind } from "../source_kind.ts";
import { type AddressRange, isInRange, parseAddressRange } from "./address_range.ts";
import type { RuleMatch } from "./hit.ts";

/** Why a rule that matches does not count. */
export interface ExceptionHit {
  /** The rule's own exception, or one of an operator. */
  readonly from: "rule" | "operator";
  /** Name of the rule's exception, or the operator's reason. */
  readonly name: string;
}

/** Matches rules against events; what a set of rules is here. */
interface Matcher {
  match(kind: SourceKind, payload: Payload): readonly RuleMatch[];
}

/** An operator's exception, ready to be asked. */
interface Compiled {
  readonly isFor: (ruleId: string) => boolean;
  readonly ranges: readonly AddressRange[] | undefined;
  readonly deckies: ReadonlySet<string> | undefined;
  readonly command: Matcher | undefined;
  readonly expires: number;
  readonly reason: string;
}

/**
 * What rules do not count for, by the rules themselves (`except`) and by the
 * operator. Asked only for rules that match, so that the rest costs nothing.
 */
export class Exceptions {
  readonly #matcherOf: (rules: readonly Rule[]) => Matcher;
  readonly #operator: readonly Compiled[];
  /** By rule; made when the rule first matches. */
  readonly #ofRules = new Map<string, Matcher>();

  /**
   * @param matcherOf compiles conditions, with all that it takes to read commands
   * @param operator of the directory of an operator, proven
   */
  constructor(
    matcherOf: (rules: readonly Rule[]) => Matcher,
    operator: readonly OperatorException[] = [],
  ) {
    this.#matcherOf = matcherOf;
    this.#operator = operator.map((exception) => this.#compile(exception));
  }

  /**
   * The exception that holds for a rule and an event that it matches.
   *
   * @param now in milliseconds since the epoch
   */
  find(rule: Rule, kind: SourceKind, payload: Payload, now: number): ExceptionHit | undefined {
    const { rule_id: ruleId, except } = rule.document;
    if (except !== undefined && except.length > 0) {
      const [match] = this.#ofRule(rule).match(kind, payload);
      if (match !== undefined) return { from: "rule", name: match.rule.document.name };
    }
    for (const exception of this.#operator) {
      if (now < exception.expires && exception.isFor(ruleId) && holds(exception, kind, payload)) {
        return { from: "operator", name: exception.reason };
      }
    }
    return undefined;
  }

  /** The exceptions that there are for a rule, whether or not they hold for an event. */
  of(rule: Rule, now: number): readonly ExceptionHit[] {
    const { rule_id: ruleId, except = [] } = rule.document;
    return [
      ...except.map(({ name }): ExceptionHit => ({ from: "rule", name })),
      ...this.#operator.filter(({ isFor, expires }) => now < expires && isFor(ruleId))
        .map(({ reason }): ExceptionHit => ({ from: "operator", name: reason })),
    ];
  }

  #ofRule(rule: Rule): Matcher {
    const { rule_id: ruleId, except = [] } = rule.document;
    const known = this.#ofRules.get(ruleId);
    if (known !== undefined) return known;
    const matcher = this.#matcherOf(except.map(({ name, match }, index): Rule => {
      const { except: _, ...document } = rule.document;
      return { ...rule, document: { ...document, rule_id: `${ruleId}#${index}`, name, match } };
    }));
    this.#ofRules.set(ruleId, matcher);
    return matcher;
  }

  #compile(exception: OperatorException): Compiled {
    const { rules, attacker_ip: addresses, decky_id: deckies, command, reason } = exception;
    const globs = rules.map((glob) => idGlob(glob));
    return {
      isFor: (ruleId) => globs.some((isFor) => isFor?.(ruleId) === true),
      ranges: addresses?.map(parseAddressRange).filter((range) => range !== undefined),
      deckies: deckies === undefined ? undefined : new Set(deckies),
      command: command === undefined ? undefined : this.#matcherOf([commandRule(command)]),
      expires: exception.expires_at === undefined ? Infinity : Date.parse(exception.expires_at),
      reason: reason ?? "exceptions.yaml",
    };
  }
}

function holds(
  { ranges, deckies, command }: Compiled,
  kind: SourceKind,
  payload: Payload,
): boolean {
  if (ranges !== undefined) {
    const address = payload["attacker_ip"] ?? payload["src_ip"];
    if (typeof address !== "string" || !ranges.some((range) => isInRange(address, range))) {
      return false;
    }
  }
  if (deckies !== undefined) {
    const decky = payload["decky_id"];
    if (typeof decky !== "string" || !deckies.has(decky)) return false;
  }
  return command === undefined || command.match(kind, payload).length > 0;
}

function commandRule(pattern: string): Rule {
  const document: RuleDocument = {
    rule_id: "exception",
    rule_version: 1,
    name: "exception",
    applies_to: ["command"],
    match: { pattern },
    emits: [],
    evidence_fields: [],
  };
  return { document, file: "exceptions.yaml", hash: "" };
}

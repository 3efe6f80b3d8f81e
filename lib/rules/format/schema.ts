import * as v from "valibot";
import { CommandConditionSchema } from "./command_condition.ts";
import { isSourceKind, KNOWN_SOURCE_KINDS, type SourceKind } from "../source_kind.ts";

/** Operators of a condition; exactly one of them makes it. */
export const OPERATORS = [
  "pattern",
  "equals",
  "contains",
  "starts_with",
  "ends_with",
  "in",
  "command",
] as const;

/** Most entries of any list in a rule. */
const MAX_ENTRIES = 1024;

const OPERATOR_LIST = "pattern, equals, contains, starts_with, ends_with, in and command";

const text = (what: string) => v.pipe(v.string(`must be ${what}`), v.nonEmpty("must not be empty"));

const list = <T extends v.GenericSchema>(item: T, what: string) =>
  v.pipe(
    v.array(item, `must be a list of ${what}`),
    v.maxLength(MAX_ENTRIES, `must have at most ${MAX_ENTRIES} entries`),
  );

const filled = <T extends v.GenericSchema>(item: T, what: string) =>
  v.pipe(list(item, what), v.minLength(1, "must have at least one entry"));

const field = v.pipe(
  v.string("must be the name of a payload field"),
  v.regex(
    /^[A-Za-z_][A-Za-z0-9_]{0,63}(?:\.(?:\*|[A-Za-z0-9_-]{1,64}))?$/,
    "must be the name of a payload field, `name.*` or `name.key`",
  ),
);

const conditionEntries = {
  field: v.exactOptional(field),
  pattern: v.exactOptional(text("a pattern")),
  equals: v.exactOptional(v.string("must be a text; quote numbers")),
  contains: v.exactOptional(text("a text; quote numbers")),
  starts_with: v.exactOptional(text("a text; quote numbers")),
  ends_with: v.exactOptional(text("a text; quote numbers")),
  in: v.exactOptional(filled(v.string("must be a text; quote numbers"), "texts")),
  ignore_case: v.exactOptional(v.boolean("must be true or false")),
  command: v.exactOptional(CommandConditionSchema),
};

type ConditionKeys = Readonly<Record<string, unknown>>;

const operatorsOf = (condition: ConditionKeys) => OPERATORS.filter((name) => name in condition);

/** What is wrong with a condition as a whole. */
function conditionFault(condition: ConditionKeys): string | undefined {
  const operators = operatorsOf(condition);
  if (operators.length !== 1) return `must have exactly one of ${OPERATOR_LIST}`;
  const [operator] = operators;
  if ("ignore_case" in condition && (operator === "pattern" || operator === "command")) {
    return "must not have ignore_case beside a pattern; begin the pattern with (?i)";
  }
  return operator === "command" && "field" in condition
    ? "must not have a field: command looks at the command text"
    : undefined;
}

/**
 * Checks an object as a whole, also when one of its entries is wrong, so that one
 * run shows everything. An entry that was refused may be the missing operator,
 * then only the entry is reported.
 */
const whole = <T extends ConditionKeys>(faultOf: (value: ConditionKeys) => string | undefined) =>
  v.rawCheck<T>(({ dataset, addIssue }) => {
    const value: unknown = dataset.value;
    if (typeof value !== "object" || value === null) return;
    const keys = value as ConditionKeys;
    if (!dataset.typed && operatorsOf(keys).length === 0) return;
    const message = faultOf(keys);
    if (message !== undefined) addIssue({ message });
  });

const ConditionSchema = v.pipe(
  v.strictObject(conditionEntries, "must be a condition: an object with a pattern or the like"),
  whole(conditionFault),
);

const conditions = filled(ConditionSchema, "conditions");

function matchFault(match: ConditionKeys): string | undefined {
  const direct = operatorsOf(match).length > 0 || "field" in match || "ignore_case" in match;
  if (direct) return conditionFault(match);
  return "any" in match || "all" in match
    ? undefined
    : "none" in match
    ? "must have something that has to be there: a pattern, any or all beside none"
    : `must say what to match: kind, any, all, or one of ${OPERATOR_LIST}`;
}

const PatternMatchSchema = v.pipe(
  v.strictObject({
    ...conditionEntries,
    any: v.exactOptional(conditions),
    all: v.exactOptional(conditions),
    none: v.exactOptional(conditions),
  }, "must be an object that says what to match"),
  whole(matchFault),
);

const LifterMatchSchema = v.looseObject({
  kind: v.pipe(
    v.string("must be lifter: and the name of a detector"),
    v.regex(/^lifter:[a-z0-9_]{1,64}$/, "must be lifter: and the name of a detector"),
  ),
});

const MatchSchema = v.lazy((input): v.GenericSchema =>
  typeof input === "object" && input !== null && "kind" in input
    ? LifterMatchSchema
    : PatternMatchSchema
);

const ExceptionSchema = v.strictObject({
  name: v.pipe(
    v.string("must be a snake_case name"),
    v.regex(/^[a-z0-9][a-z0-9_]{0,63}$/, "must be a snake_case name"),
  ),
  match: PatternMatchSchema,
}, "must be an object with name and match");

/** Any text will do here: what it names is proven against ATT&CK, which can say what was meant. */
const EmissionSchema = v.strictObject({
  tactic: v.string("must be a tactic id like TA0007"),
  technique_id: v.string("must be a technique id like T1059"),
  sub_technique_id: v.exactOptional(v.string("must be a sub-technique id like T1059.004")),
  confidence: v.pipe(
    v.number("must be a number from 0 to 1"),
    v.minValue(0, "must be a number from 0 to 1"),
    v.maxValue(1, "must be a number from 0 to 1"),
  ),
}, "must be an object with tactic, technique_id and confidence");

const SourceKindSchema = v.lazy((input): v.GenericSchema<unknown, SourceKind> => {
  const kind = v.pipe(
    v.string("must be a source kind"),
    v.check(isSourceKind, `must be one of ${KNOWN_SOURCE_KINDS.join(", ")}`),
    v.transform((name) => name as SourceKind),
  );
  return typeof input === "object" && input !== null
    ? v.pipe(v.strictObject({ source_kind: kind }), v.transform((entry) => entry.source_kind))
    : kind;
});

const ExampleSchema = v.lazy((input): v.GenericSchema =>
  typeof input === "string" ? v.string() : v.record(
    v.string(),
    v.unknown(),
    "must be a text or a payload object",
  )
);

const examples = v.exactOptional(list(ExampleSchema, "examples"), []);

const date = v.pipe(
  v.string("must be a date like 2026-01-31"),
  v.isoDate("must be a date like 2026-01-31"),
);

/** An id of the shipped pack, or an operator's own. */
export const RULE_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

const ruleId = v.pipe(
  v.string("must be a text"),
  v.regex(RULE_ID, "must be R and 4 digits, or a letter followed by letters, digits, _ and -"),
);

/** Schema of a rule file's document. */
export const RuleSchema = v.pipe(
  v.object({
    rule_id: ruleId,
    rule_version: v.pipe(
      v.number("must be a whole number from 1"),
      v.integer("must be a whole number from 1"),
      v.minValue(1, "must be a whole number from 1"),
      v.maxValue(2 ** 31 - 1, "must be below 2147483648"),
    ),
    name: v.pipe(
      v.string("must be a snake_case name"),
      v.regex(/^[a-z0-9][a-z0-9_]{0,63}$/, "must be a snake_case name"),
    ),
    description: v.exactOptional(v.string("must be a text")),
    applies_to: filled(SourceKindSchema, "source kinds"),
    match: MatchSchema,
    except: v.exactOptional(filled(ExceptionSchema, "exceptions")),
    emits: list(EmissionSchema, "emissions"),
    evidence_fields: v.exactOptional(list(field, "payload fields"), []),
    tests: v.exactOptional(
      v.strictObject(
        { match: examples, no_match: examples },
        "must be an object of match and no_match",
      ),
    ),
    references: v.exactOptional(
      list(v.pipe(v.string("must be a URL"), v.url("must be a URL")), "URLs"),
    ),
    last_reviewed: v.exactOptional(date),
    next_review: v.exactOptional(date),
    attack_release: v.exactOptional(v.string("must be a release like enterprise-19.1")),
  }, "must be an object with rule_id, rule_version, name, applies_to, match and emits"),
  v.forward(
    // A detector in code may raise tags instead of emitting some; it says so when it is checked.
    v.check(
      ({ match, emits }) => emits.length > 0 || Object.hasOwn(match as object, "kind"),
      "must have at least one entry",
    ),
    ["emits"],
  ),
);

/** Schema of a file of `--rules DIR` that takes a rule of the pack away. */
export const RemovalSchema = v.object({ rule_id: ruleId });

import { KNOWN_SOURCE_KINDS } from "../source_kind.ts";

type Json = Readonly<Record<string, unknown>>;

const text = (description: string): Json => ({ type: "string", minLength: 1, description });

const pattern = (description: string): Json => ({
  ...text(`${description} RE2 syntax: no look-arounds, no back-references; (?i) ignores case.`),
  maxLength: 8192,
});

const programs = (description: string): Json => ({
  type: "array",
  minItems: 1,
  maxItems: 256,
  items: { type: "string", pattern: "^[^\\s/]{1,64}$" },
  description,
});

const COMMAND: Json = {
  type: "object",
  description: "What one simple command of the text must be; all parts that are present must hold.",
  minProperties: 1,
  additionalProperties: false,
  properties: {
    program: programs("Base names one of which the program must have."),
    not_program: programs("Base names none of which the program may have."),
    path: pattern("Searched in the program as it is called, with its path."),
    args: pattern("Searched in the arguments joined by single blanks."),
    not_args: pattern("Must not occur in the arguments."),
    writes: pattern("Searched in each file that is written to by redirection or tee."),
    reads: pattern("Searched in each file that input is redirected from."),
    assigns: pattern("Searched in each NAME=value that the command sets."),
    piped_into: programs("Programs one of which must read the output."),
    piped_from: programs("Programs one of which must write the input."),
    wrapped_by: programs("Programs one of which must run this one, e.g. sudo."),
    not_wrapped_by: programs("Programs none of which may run this one."),
    wrapped: { type: "boolean", description: "Another program runs this command." },
    runs_empty: {
      type: "boolean",
      description: "The command runs a file that the same text has left empty.",
    },
    own_file: {
      type: "boolean",
      description: "One of its arguments is a file that the same text has written.",
    },
    runs_fetched: {
      type: "boolean",
      description: "The command runs what an earlier command of the text fetched.",
    },
    obfuscated: {
      type: "boolean",
      description: "Its words are hidden by quotes, escapes or variables inside them.",
    },
  },
};

/** Properties of one condition; exactly one operator of them makes it. */
const CONDITION_PROPERTIES: Json = {
  field: {
    ...text(
      "Payload field, see `rules fields`; name.* for all texts inside, name.key for one entry.",
    ),
    pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}(\\.(\\*|[A-Za-z0-9_-]{1,64}))?$",
  },
  pattern: pattern("Searched anywhere in the field."),
  equals: { type: "string", description: "The whole field." },
  contains: text("Occurs in the field."),
  starts_with: text("Begins the field."),
  ends_with: text("Ends the field."),
  in: {
    type: "array",
    minItems: 1,
    items: { type: "string" },
    description: "One of them is the whole field.",
  },
  ignore_case: {
    type: "boolean",
    description: "For the operators other than pattern and command.",
  },
  command: COMMAND,
};

const conditions = (description: string): Json => ({
  type: "array",
  minItems: 1,
  description,
  items: { type: "object", additionalProperties: false, properties: CONDITION_PROPERTIES },
});

const PATTERN_MATCH: Json = {
  type: "object",
  additionalProperties: false,
  minProperties: 1,
  properties: {
    ...CONDITION_PROPERTIES,
    any: conditions("At least one of these holds."),
    all: conditions("All of these hold."),
    none: conditions("None of these holds."),
  },
};

const MATCH: Json = {
  description: "What to look for: conditions, or a detector in code with its parameters.",
  oneOf: [
    PATTERN_MATCH,
    {
      type: "object",
      required: ["kind"],
      properties: {
        kind: {
          ...text("lifter: and the name of a detector."),
          pattern: "^lifter:[a-z0-9_]{1,64}$",
        },
      },
    },
  ],
};

const EMISSION: Json = {
  type: "object",
  required: ["tactic", "technique_id", "confidence"],
  additionalProperties: false,
  properties: {
    tactic: { ...text("ATT&CK tactic."), pattern: "^TA\\d{4}$" },
    technique_id: { ...text("ATT&CK technique, without sub-technique."), pattern: "^T\\d{4}$" },
    sub_technique_id: { ...text("Sub-technique of technique_id."), pattern: "^T\\d{4}\\.\\d{3}$" },
    confidence: { type: "number", minimum: 0, maximum: 1 },
  },
};

const SOURCE_KIND: Json = { enum: KNOWN_SOURCE_KINDS };

const EXAMPLES: Json = {
  type: "array",
  items: { type: ["string", "object"] },
  description: "Texts of the default field, or whole payloads.",
};

const DATE: Json = { type: "string", format: "date" };

/**
 * JSON Schema (2020-12) of a rule file, for editors that complete and check while
 * one types. What it cannot say, `validate` does.
 */
export const RULE_JSON_SCHEMA: Json = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "decnet-ttp rule",
  type: "object",
  required: ["rule_id", "rule_version", "name", "applies_to", "match", "emits"],
  properties: {
    rule_id: {
      ...text("R and 4 digits for shipped rules, any other name for your own."),
      pattern: "^[A-Za-z][A-Za-z0-9_-]{0,63}$",
    },
    rule_version: {
      type: "integer",
      minimum: 1,
      description: "Raise it when the meaning changes.",
    },
    name: { ...text("snake_case name."), pattern: "^[a-z0-9][a-z0-9_]{0,63}$" },
    description: { type: "string" },
    applies_to: {
      type: "array",
      minItems: 1,
      description: "Kinds of event that the rule looks at.",
      items: {
        anyOf: [
          SOURCE_KIND,
          { type: "object", required: ["source_kind"], properties: { source_kind: SOURCE_KIND } },
        ],
      },
    },
    match: MATCH,
    except: {
      type: "array",
      minItems: 1,
      description: "Where one of these holds, the rule does not match.",
      items: {
        type: "object",
        required: ["name", "match"],
        additionalProperties: false,
        properties: { name: text("Said where it holds."), match: PATTERN_MATCH },
      },
    },
    emits: {
      type: "array",
      minItems: 1,
      items: EMISSION,
      description: "Techniques that a match shows.",
    },
    evidence_fields: {
      type: "array",
      items: { type: "string" },
      description: "Payload fields copied to the tag.",
    },
    tests: {
      type: "object",
      additionalProperties: false,
      properties: { match: EXAMPLES, no_match: EXAMPLES },
    },
    references: { type: "array", items: { type: "string", format: "uri" } },
    last_reviewed: DATE,
    next_review: DATE,
    attack_release: text("Release that the rule is for, e.g. enterprise-19.1."),
  },
};

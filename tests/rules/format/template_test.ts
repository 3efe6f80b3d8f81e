import assert from "assert";
import { CommandConditionSchema } from "../../../lib/rules/format/command_condition.ts";
import { runExamples } from "../../../lib/rules/run/examples.ts";
import { RULE_JSON_SCHEMA } from "../../../lib/rules/format/json_schema.ts";
import { checkRules } from "../../../lib/rules/format/check.ts";
import { loadEmbeddedAttack } from "../../../lib/attack/embedded.ts";
import { parseRuleFiles } from "../../../lib/rules/format/load.ts";
import { OPERATORS, RuleSchema } from "../../../lib/rules/format/schema.ts";
import { ruleTemplate } from "../../../lib/rules/format/template.ts";

Deno.test("a new rule is sound, and each of its examples holds", () => {
  for (const id of ["MY_RULE", "R0999", "a-b"]) {
    const parsed = parseRuleFiles([{ name: `${id}.yaml`, text: ruleTemplate(id) }]);
    const problems = [
      ...parsed.problems,
      ...checkRules(parsed, loadEmbeddedAttack(), { lifters: () => [] }),
    ];
    assert.deepEqual(problems, []);
    const { run, failures, without } = runExamples(parsed.rules, () => false);
    assert.deepEqual([run, failures, without], [9, [], []]);
    assert.equal(parsed.rules[0]?.document.rule_id, id);
  }
});

Deno.test("the JSON Schema names every field, operator and command key that the parser takes", () => {
  const { properties, required } = RULE_JSON_SCHEMA as {
    properties: Record<
      string,
      { oneOf?: { properties: Record<string, { properties?: object }> }[] }
    >;
    required: readonly string[];
  };
  assert.deepEqual(Object.keys(properties).sort(), Object.keys(RuleSchema.entries).sort());
  const optional = Object.entries(RuleSchema.entries)
    .filter(([, entry]) => entry.type === "exact_optional").map(([name]) => name);
  assert.deepEqual(
    [...required, ...optional].sort(),
    Object.keys(RuleSchema.entries).sort(),
  );
  const match = properties["match"]?.oneOf?.[0]?.properties ?? {};
  assert.deepEqual(
    Object.keys(match).sort(),
    [...OPERATORS, "field", "ignore_case", "any", "all", "none"].sort(),
  );
  assert.deepEqual(
    Object.keys(match["command"]?.properties ?? {}).sort(),
    Object.keys(CommandConditionSchema.entries).sort(),
  );
});

import assert from "assert";
import type { Rule } from "../../lib/rules/rule.ts";
import type { RuleState } from "../../lib/rules/state.ts";
import type { Finding, Lifter } from "../../lib/tagging/lifter.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

/** A rule over a detector that finds what a test says. */
function ruleOf(ruleId: string, overrides: Partial<Rule["document"]> = {}): Rule {
  return {
    file: `${ruleId}.yaml`,
    hash: ruleId,
    document: {
      rule_id: ruleId,
      rule_version: 1,
      name: "probe",
      applies_to: ["intel"],
      match: { kind: "lifter:find" },
      emits: [{ tactic: "TA0002", technique_id: "T1059", confidence: 0.8 }],
      evidence_fields: [],
      ...overrides,
    },
  };
}

function finder(finding: Finding): Lifter {
  return { name: "finder", sourceKinds: ["intel"], predicates: { find: () => finding } };
}

/** What one event gives when the detector finds this. */
function taggingOf(
  finding: Finding,
  state?: RuleState,
  rules: readonly Rule[] = [ruleOf("R0001")],
) {
  return packTagger({ lifters: [finder(finding)], stateOf: () => state }, rules)
    .tag(eventOf("intel", { verdict: "hit" }));
}

const BUMP: Finding = { evidence: {}, bump: { by: 0.05, ceiling: 0.95 } };

Deno.test("a bump raises the tags of its attacker up to its ceiling", () => {
  assert.deepEqual(taggingOf(BUMP).bumps, [
    { ruleId: "R0001", attackerUuid: "a1", by: 0.05, ceiling: 0.95 },
  ]);
});

Deno.test("a disabled rule raises nothing", () => {
  assert.deepEqual(taggingOf(BUMP, { state: "disabled" }).bumps, []);
});

Deno.test("a clipped rule raises no further than its maximum", () => {
  const [bump] = taggingOf(BUMP, { state: "clipped", confidenceMax: 0.6 }).bumps;
  assert.equal(bump?.ceiling, 0.6);
});

Deno.test("where another rule gives a tag, nothing is raised", () => {
  const other = ruleOf("R0002", { match: { field: "verdict", pattern: "hit" } });
  const { tags, bumps } = taggingOf(BUMP, undefined, [ruleOf("R0001"), other]);
  assert.equal(tags.length, 1);
  assert.deepEqual(bumps, []);
});

Deno.test("the largest of several multipliers of one technique counts, in whatever order they come", () => {
  for (const multipliers of [[0.25, 0.5], [0.5, 0.25]]) {
    const choices = multipliers.map((multiplier) => ({ techniqueId: "T1059", multiplier }));
    assert.deepEqual(taggingOf({ evidence: {}, choices }).tags.map((tag) => tag.confidence), [0.4]);
  }
});

Deno.test("a multiplier never raises a confidence, and one that is no number makes it nothing", () => {
  const confidenceAt = (multiplier: number): readonly number[] =>
    taggingOf({ evidence: {}, choices: [{ techniqueId: "T1059", multiplier }] }).tags
      .map(({ confidence }) => confidence);
  assert.deepEqual(confidenceAt(1.2), [0.8]);
  assert.deepEqual(confidenceAt(NaN), []);
  assert.deepEqual(confidenceAt(-1), []);
});

Deno.test("a parent technique stands for the sub-techniques that the rule emits", () => {
  const rule = ruleOf("R0001", {
    emits: [
      { tactic: "TA0002", technique_id: "T1059", sub_technique_id: "T1059.004", confidence: 0.8 },
      { tactic: "TA0002", technique_id: "T1059", sub_technique_id: "T1059.006", confidence: 0.7 },
    ],
  });
  const chosen = (techniqueId: string): readonly (string | undefined)[] =>
    taggingOf({ evidence: {}, choices: [{ techniqueId, multiplier: 1 }] }, undefined, [rule]).tags
      .map(({ subTechniqueId }) => subTechniqueId);
  assert.deepEqual(chosen("T1059"), ["T1059.004", "T1059.006"]);
  assert.deepEqual(chosen("T1059.006"), ["T1059.006"]);
});

Deno.test("one technique under two tactics is one tag", () => {
  const rule = ruleOf("R0001", {
    emits: [
      { tactic: "TA0003", technique_id: "T1053", confidence: 0.8 },
      { tactic: "TA0004", technique_id: "T1053", confidence: 0.8 },
    ],
  });
  const { tags } = taggingOf({ evidence: {} }, undefined, [rule]);
  assert.deepEqual(tags.map(({ tactic }) => tactic), ["TA0003"]);
});

Deno.test("tags and suppressions come in the order of rule ids, by whatever the rules match", () => {
  const pattern = (ruleId: string) =>
    ruleOf(ruleId, { match: { field: "verdict", pattern: "hit" } });
  const rules = [ruleOf("R0001"), pattern("R0002"), ruleOf("R0003")];
  const idsOf = (list: readonly { readonly ruleId: string }[]): readonly string[] =>
    list.map(({ ruleId }) => ruleId);
  const wanted = ["R0001", "R0002", "R0003"];
  assert.deepEqual(idsOf(taggingOf({ evidence: {} }, undefined, rules).tags), wanted);
  const disabled: RuleState = { state: "disabled" };
  assert.deepEqual(idsOf(taggingOf({ evidence: {} }, disabled, rules).suppressed), wanted);
});

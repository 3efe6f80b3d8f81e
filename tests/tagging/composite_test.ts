import assert from "assert";
import type { Rule } from "../../lib/rules/rule.ts";
import type { RuleState } from "../../lib/rules/state.ts";
import type { Lifter } from "../../lib/tagging/lifter.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

function ruleOf(overrides: Partial<Rule["document"]> = {}): Rule {
  return {
    file: "rule.yaml",
    hash: "0",
    document: {
      rule_id: "R0001",
      rule_version: 1,
      name: "probe",
      applies_to: ["command"],
      match: { pattern: "hit" },
      emits: [{ tactic: "TA0002", technique_id: "T1059", confidence: 0.9 }],
      evidence_fields: ["command_text"],
      ...overrides,
    },
  };
}

const HIT = eventOf("command", { command_text: "a hit", uid: "0", pwd: "/root", secret: "x" });

function tagWith(state: RuleState | undefined, rule = ruleOf(), floor?: number) {
  const options = { stateOf: () => state, ...(floor !== undefined && { floor }) };
  return packTagger(options, [rule]).tag(HIT);
}

Deno.test("a match becomes one tag for each emission, with the release and the page of its technique", () => {
  const emits = [
    { tactic: "TA0002", technique_id: "T1059", sub_technique_id: "T1059.004", confidence: 0.9 },
    { tactic: "TA0105", technique_id: "T0828", confidence: 0.5 },
  ];
  const { tags } = packTagger({}, [ruleOf({ emits })]).tag(HIT);
  assert.deepEqual(
    tags.map(({ techniqueId, subTechniqueId, attackRelease, mitreUrl }) => [
      techniqueId,
      subTechniqueId,
      attackRelease,
      mitreUrl,
    ]),
    [
      ["T1059", "T1059.004", "enterprise-19.1", "https://attack.mitre.org/techniques/T1059/004"],
      ["T0828", undefined, "ics-18.1", "https://attack.mitre.org/techniques/T0828"],
    ],
  );
});

Deno.test("evidence has the rule's fields, who ran the command, and what matched", () => {
  const { tags } = packTagger({}, [ruleOf()]).tag(HIT);
  assert.deepEqual(tags[0]?.evidence, {
    command_text: "a hit",
    uid: "0",
    pwd: "/root",
    matched: "hit",
  });
});

Deno.test("a disabled rule writes nothing and says so", () => {
  const { tags, suppressed } = tagWith({ state: "disabled" });
  assert.deepEqual(tags, []);
  assert.deepEqual(suppressed, [{
    tagUuid: tagWith(undefined).tags[0]?.uuid,
    ruleId: "R0001",
    techniqueId: "T1059",
    reason: "rule_disabled",
    attackerUuid: "a1",
    identityUuid: "i1",
  }]);
});

Deno.test("a clipped rule is lowered to its ceiling, never raised", () => {
  assert.equal(tagWith({ state: "clipped", confidenceMax: 0.4 }).tags[0]?.confidence, 0.4);
  assert.equal(tagWith({ state: "clipped", confidenceMax: 1 }).tags[0]?.confidence, 0.9);
});

Deno.test("a state that has run out is no state, and one that has not is", () => {
  const rule = [ruleOf()];
  const tagsAt = (now: string): number =>
    packTagger({
      stateOf: () => ({ state: "disabled", expiresAt: "2026-05-01T12:00:00.000Z" }),
      now: () => Date.parse(now),
    }, rule).tag(HIT).tags.length;
  assert.equal(tagsAt("2026-05-01T11:59:59.999Z"), 0);
  assert.equal(tagsAt("2026-05-01T12:00:00.000Z"), 1);
});

Deno.test("a text that was cut is said to be in the evidence", () => {
  const { tags } = packTagger({}, [ruleOf({ evidence_fields: [] })]).tag(
    eventOf("command", { command_text: `hit ${"x".repeat(70_000)}` }),
  );
  assert.equal(tags[0]?.evidence["truncated"], true);
});

Deno.test("what matched in a secret is not quoted", () => {
  const rule = ruleOf({
    applies_to: ["auth_attempt"],
    match: { field: "password", pattern: "hit" },
    evidence_fields: ["password", "username"],
  });
  const { tags } = packTagger({}, [rule]).tag(
    eventOf("auth_attempt", { username: "root", password: "a hit" }),
  );
  assert.deepEqual(tags[0]?.evidence, { username: "root" });
});

Deno.test("a tag below the floor is not written and says so", () => {
  const { tags, suppressed } = tagWith({ state: "clipped", confidenceMax: 0.29 });
  assert.deepEqual(tags, []);
  assert.equal(suppressed[0]?.reason, "below_floor");
  assert.equal(tagWith(undefined, ruleOf(), 0.9).tags.length, 1);
  assert.equal(tagWith(undefined, ruleOf(), 0.91).tags.length, 0);
});

Deno.test("an identity's tags belong to the identity alone", () => {
  const rule = ruleOf({ applies_to: ["identity"], match: { field: "probe", pattern: "hit" } });
  const { tags } = packTagger({}, [rule]).tag(eventOf("identity", { probe: "hit" }));
  assert.equal(tags[0]?.identityUuid, "i1");
  assert.equal(tags[0]?.attackerUuid, undefined);
});

/** A detector that chooses what it is told to. */
function chooser(choices: readonly { techniqueId: string; multiplier: number }[]): Lifter {
  return {
    name: "chooser",
    sourceKinds: ["intel"],
    predicates: { choose: () => ({ evidence: { feodo_listed: true, invented: 1 }, choices }) },
  };
}

const CHOSEN = ruleOf({
  applies_to: ["intel"],
  match: { kind: "lifter:choose" },
  evidence_fields: [],
});

Deno.test("a detector chooses from what its rule emits; what the rule does not emit is refused and told of", () => {
  const errors: string[] = [];
  const tagger = packTagger({
    lifters: [chooser([
      { techniqueId: "T1059", multiplier: 0.5 },
      { techniqueId: "T1105", multiplier: 1 },
    ])],
    onLifterError: (_name, error) => errors.push(String(error)),
  }, [CHOSEN]);
  const { tags } = tagger.tag(eventOf("intel", {}));
  assert.deepEqual(tags.map(({ techniqueId, confidence }) => [techniqueId, confidence]), [
    ["T1059", 0.45],
  ]);
  assert.match(errors[0] ?? "", /T1105 is not among the emits of rule R0001/);
});

Deno.test("evidence that a contract does not have is left out and told of", () => {
  const dropped: string[] = [];
  const tagger = packTagger({
    lifters: [chooser([{ techniqueId: "T1059", multiplier: 1 }])],
    onEvidenceDropped: (_rule, _kind, keys) => dropped.push(...keys),
  }, [CHOSEN]);
  assert.deepEqual(tagger.tag(eventOf("intel", {})).tags[0]?.evidence, { feodo_listed: true });
  assert.deepEqual(dropped, ["invented"]);
});

Deno.test("nothing that matches gives the one shared empty answer", () => {
  const tagger = packTagger({}, [ruleOf()]);
  const miss = eventOf("command", { command_text: "a miss" });
  assert.equal(tagger.tag(miss), tagger.tag(miss));
});

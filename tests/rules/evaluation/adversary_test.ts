import assert from "assert";
import {
  ATTACK_CHARACTERS,
  attackRules,
  attackTexts,
  patternsOf,
} from "../../../lib/rules/evaluation/adversary.ts";
import { loadPack } from "../../../lib/rules/pack.ts";
import { textPattern } from "../../../lib/rules/compile/pattern.ts";
import { patternSamples } from "../../../lib/rules/evaluation/pattern_samples.ts";
import { makeRule, type Rule } from "../../../lib/rules/rule.ts";
import type { RuleDocument } from "../../../lib/rules/format/document.ts";

function ruleWith(match: RuleDocument["match"]): Rule {
  return makeRule({
    rule_id: "R1",
    rule_version: 1,
    name: "x",
    applies_to: ["command"],
    match,
    emits: [],
    evidence_fields: [],
  }, "R1.yaml");
}

const SAMPLED = [
  "wget|curl",
  "(?i)ab+c{2,3}[x-z]\\d",
  "^(?:a|b(?:c|d))*e$",
  "/etc/(?:passwd|shadow)\\b",
  "\\x41\\x{42}[^a-z]?",
  "[]a]\\.[[:alpha:]]",
];

for (const pattern of SAMPLED) {
  Deno.test(`a sample of ${pattern} matches it`, () => {
    const compiled = textPattern(pattern);
    const samples = patternSamples(pattern);
    assert.ok(samples.some((sample) => compiled.test(sample)), JSON.stringify(samples));
  });
}

Deno.test("most patterns of the pack are matched by one of their samples", () => {
  const patterns = loadPack().rules.flatMap(({ document }) => patternsOf(document));
  const hit = patterns.filter(({ pattern }) => {
    const compiled = textPattern(pattern, []);
    return patternSamples(pattern).some((sample) => compiled.test(sample));
  });
  assert.ok(hit.length / patterns.length > 0.9, `${hit.length} of ${patterns.length}`);
});

Deno.test("attack texts differ from pattern to pattern, and are as long as what is matched", () => {
  const texts = attackTexts("ab*c");
  assert.ok(texts.length >= 4);
  for (const text of texts) assert.equal(text.length, ATTACK_CHARACTERS);
  assert.notDeepEqual(texts, attackTexts("xy*z"));
});

Deno.test("patterns inside command conditions are found, and only their answer is asked for", () => {
  const { document } = ruleWith({
    any: [{ pattern: "a" }, { command: { args: "b", not_args: "c" } }],
    none: [{ pattern: "d" }],
  });
  assert.deepEqual(patternsOf(document), [
    { pattern: "a", place: true },
    { pattern: "b", place: false },
    { pattern: "c", place: false },
    { pattern: "d", place: true },
  ]);
});

Deno.test("a pattern that takes longer than is allowed is reported with its text", () => {
  let clock = 0;
  const report = attackRules([ruleWith({ pattern: "abc" })], () => clock += 25);
  assert.equal(report.slow[0]?.ruleId, "R1");
  assert.equal(report.slow[0]?.pattern, "abc");
  assert.equal(report.worst.milliseconds, 25);
});

Deno.test("a pattern that is slow once only has been interrupted, and is not reported", () => {
  const spans = [25, 1];
  let clock = 0;
  let calls = 0;
  const report = attackRules([ruleWith({ pattern: "abc" })], () => {
    calls += 1;
    return clock += calls % 2 === 0 ? spans.shift() ?? 1 : 0;
  });
  assert.deepEqual(report.slow, []);
});

Deno.test("equal patterns are tried once", () => {
  const rule = ruleWith({ any: [{ pattern: "a" }, { pattern: "a" }] });
  assert.equal(attackRules([rule, rule], () => 0).patterns, 1);
});

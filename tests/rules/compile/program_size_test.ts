import assert from "assert";
import { RE2JS } from "re2js";
import { checkPattern, MAX_PROGRAM_SIZE } from "../../../lib/rules/compile/pattern.ts";
import { programSize } from "../../../lib/rules/compile/program_size.ts";
import { patternsOf } from "../../../lib/rules/format/check_match.ts";
import { checkRules } from "../../../lib/rules/format/check.ts";
import { parseRuleFiles } from "../../../lib/rules/format/load.ts";
import { loadEmbeddedAttack } from "../../../lib/attack/embedded.ts";
import { loadPack } from "../../../lib/rules/pack.ts";
import { ruleText } from "../rule_text.ts";

for (
  const [pattern, least, most] of [
    ["abc", 3, 3],
    ["[a-z]{1,900}", 900, 1801],
    ["(?:[a-z]{10}x){20}", 220, 260],
    ["(?:(?:a{10}){10}){10}", 1000, 1700],
    ["a{3,}", 4, 5],
    ["a{x}", 4, 4],
    [String.raw`\Qa{900}\E`, 6, 10],
    [String.raw`a\{900\}`, 6, 6],
    ["[{900}]", 1, 1],
    ["a|b|c", 5, 5],
    ["((((", 0, 0],
    ["a{900}{900}", 810_000, 810_000],
  ] as const
) {
  Deno.test(`${pattern} becomes a program of ${least} to ${most} instructions`, () => {
    const size = programSize(pattern);
    assert.ok(size >= least && size <= most, String(size));
  });
}

Deno.test("the size is never below half of what RE2 makes, for every pattern of the pack", () => {
  for (const { document } of loadPack().rules) {
    for (const [, pattern] of patternsOf(document)) {
      const compiled = RE2JS.compile(pattern).re2().numberOfInstructions() as number;
      const size = programSize(pattern);
      assert.ok(
        2 * (size + 1) >= compiled,
        `${document.rule_id}: ${size} for ${compiled}: ${pattern}`,
      );
      assert.ok(size <= MAX_PROGRAM_SIZE, `${document.rule_id}: ${size}`);
    }
  }
});

Deno.test("a pattern whose program is too large is refused before it is compiled", () => {
  const fault = checkPattern("[a-z]{1,900}".repeat(300));
  assert.equal(fault?.code, "pattern_too_large");
  assert.match(fault!.message, /a program of some \d+ instructions, at most 10000/);
  assert.equal(checkPattern("[a-z]{1,900}".repeat(5)), undefined);
});

Deno.test("the refusal names file, line and column of the pattern", () => {
  const match = `{ pattern: '${"[a-z]{1,900}".repeat(300)}' }`;
  const parsed = parseRuleFiles([{ name: "large.yaml", text: ruleText({ match }) }]);
  const [problem] = checkRules(parsed, loadEmbeddedAttack(), { lifters: () => [] });
  assert.equal(problem?.code, "pattern_too_large");
  assert.equal(`${problem!.file}:${problem!.line}:${problem!.column}`, "large.yaml:6:19");
});

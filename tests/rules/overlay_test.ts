import assert from "assert";
import fc from "fast-check";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { type Overlay, overlay, type Pack, reload } from "../../lib/rules/overlay.ts";
import { RuleSet } from "../../lib/rules/run/rule_set.ts";
import { rulesOf, ruleText } from "./rule_text.ts";

const ATTACK = loadEmbeddedAttack();
const CONTEXT = { lifters: () => [] };

const BASE: Pack = {
  rules: rulesOf(
    ruleText({ rule_id: "R0001" }),
    ruleText({ rule_id: "R0002" }),
    ruleText({ rule_id: "R0003" }),
  ),
  intel: [],
};

const file = (id: string, lines: Readonly<Record<string, string>> = {}) => ({
  name: `rules/${id}.yaml`,
  text: ruleText({ rule_id: id, ...lines }),
});

const removal = (id: string) => ({
  name: `rules/${id}.yaml`,
  text: `rule_id: ${id}\napplies_to: []\nemits: []\n`,
});

function names({ pack }: Pick<Overlay, "pack">): Readonly<Record<string, string>> {
  return Object.fromEntries(pack.rules.map(({ document }) => [document.rule_id, document.name]));
}

Deno.test("a directory adds, replaces and removes rules by id", () => {
  const laid = overlay(
    BASE,
    [file("R0002", { name: "mine" }), removal("R0003"), file("OWN")],
    ATTACK,
    CONTEXT,
  );
  assert.deepEqual(laid.problems, []);
  assert.deepEqual(names(laid), { OWN: "sample_rule", R0001: "sample_rule", R0002: "mine" });
});

Deno.test("a bad file counts for nothing, the others count", () => {
  const laid = overlay(
    BASE,
    [
      file("R0001", { rule_version: "0" }),
      file("R0002", { name: "mine" }),
      file("R0003", { match: "{ pattern: 'a(?=b)' }" }),
    ],
    ATTACK,
    CONTEXT,
  );
  assert.deepEqual(laid.problems.map(({ code }) => code), ["invalid_value", "backtracking"]);
  assert.deepEqual(names(laid), { R0001: "sample_rule", R0002: "mine", R0003: "sample_rule" });
});

Deno.test("of two files with one id neither counts", () => {
  const twice = [
    { name: "rules/a.yaml", text: ruleText({ rule_id: "R0001", name: "one" }) },
    { name: "rules/b.yaml", text: ruleText({ rule_id: "R0001", name: "two" }) },
  ];
  const laid = overlay(BASE, twice, ATTACK, CONTEXT);
  assert.deepEqual(laid.problems.map(({ code }) => code), ["duplicate_id"]);
  assert.equal(names(laid)["R0001"], "sample_rule");
});

Deno.test("a reload says what changed, one entry a rule", () => {
  const before =
    overlay(BASE, [file("R0001", { name: "mine" }), file("OWN")], ATTACK, CONTEXT).pack;
  const { changes, problems } = reload(
    BASE,
    before,
    [file("R0002", { name: "mine", rule_version: "7" }), removal("R0003"), file("NEW")],
    ATTACK,
    CONTEXT,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    changes.map(({ ruleId, change, ruleVersion }) => [ruleId, change, ruleVersion]),
    [
      ["NEW", "added", 1],
      ["OWN", "removed", 1],
      ["R0001", "changed", 1],
      ["R0002", "changed", 7],
      ["R0003", "removed", 1],
    ],
  );
});

Deno.test("a reload without a difference says nothing", () => {
  const files = [file("R0001", { name: "mine" })];
  const before = overlay(BASE, files, ATTACK, CONTEXT).pack;
  assert.deepEqual(reload(BASE, before, files, ATTACK, CONTEXT).changes, []);
});

for (
  const [how, text] of [
    ["a schema fault", ruleText({ rule_id: "R0001", name: "worse", emits: "[]" })],
    [
      "an unknown technique",
      ruleText({
        rule_id: "R0001",
        name: "worse",
        emits: "[{ tactic: TA0007, technique_id: T9999, confidence: 1 }]",
      }),
    ],
    ["a YAML fault that hides the id", "rule_id: [\n"],
    ["nothing in it", ""],
  ] as const
) {
  Deno.test(`a file with ${how} leaves the operator's former rule in force`, () => {
    const before = overlay(BASE, [file("R0001", { name: "mine" })], ATTACK, CONTEXT).pack;
    const files = [{ name: "rules/R0001.yaml", text }];
    const after = reload(BASE, before, files, ATTACK, CONTEXT);
    assert.equal(names(after)["R0001"], "mine");
    assert.deepEqual(after.changes.map(({ ruleId, change }) => [ruleId, change]), [[
      "R0001",
      "rejected",
    ]]);
    assert.equal(after.changes[0]?.problem?.file, "rules/R0001.yaml");
  });
}

Deno.test("a rule that was removed stays removed when its file goes bad, and one never accepted never comes", () => {
  const before = overlay(BASE, [removal("R0003")], ATTACK, CONTEXT).pack;
  const bad = [
    { name: "rules/R0003.yaml", text: "rule_id: R0003\napplies_to: []\nemits: 3\n" },
    file("OWN", { applies_to: "[nothing]" }),
  ];
  assert.deepEqual(Object.keys(names(reload(BASE, before, bad, ATTACK, CONTEXT))), [
    "R0001",
    "R0002",
  ]);
});

Deno.test("an operator's table replaces that of its provider, and is held against the rules in force", () => {
  const table = (technique: string) => ({
    name: "rules/intel/feodo.yaml",
    text:
      `provider: feodo\nmapping_version: 2\nsignals:\n  - { id: a, label: A, techniques: [{ technique_id: ${technique} }] }\n`,
  });
  const base: Pack = {
    rules: rulesOf(ruleText({
      rule_id: "R0056",
      applies_to: "[intel]",
      match: "{ kind: 'lifter:intel_feodo' }",
      emits: "[{ tactic: TA0011, technique_id: T1071, confidence: 1 }]",
    })),
    intel: [{ provider: "feodo", mapping_version: "1", signals: [] }],
  };
  const good = overlay(base, [table("T1071")], ATTACK, CONTEXT);
  assert.deepEqual([good.problems, good.pack.intel[0]?.mapping_version], [[], "2"]);
  const bad = overlay(base, [table("T1588")], ATTACK, CONTEXT);
  assert.deepEqual(
    [bad.problems.map(({ code }) => code), bad.pack.intel[0]?.mapping_version],
    [["not_emitted"], "1"],
  );
});

Deno.test("whatever the files say, the rules in force can be compiled and are complete", () => {
  const piece = fc.constantFrom(
    file("R0001", { name: "mine" }),
    file("R0001", { match: "{}" }),
    file("R0002", { match: "{ pattern: '(' }" }),
    removal("R0003"),
    file("OWN"),
    { name: "rules/odd.yaml", text: "- 1" },
  );
  fc.assert(fc.property(fc.array(piece), fc.array(piece), (first, second) => {
    const before = overlay(BASE, first, ATTACK, CONTEXT).pack;
    const { pack, problems } = reload(BASE, before, second, ATTACK, CONTEXT);
    const ids = new Set(RuleSet.compile(pack.rules).rules.map(({ document }) => document.rule_id));
    assert.ok(ids.has("R0002"));
    assert.ok(problems.length > 0 || second.every(({ name }) => name !== "rules/odd.yaml"));
  }));
});

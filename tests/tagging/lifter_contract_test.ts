import assert from "assert";
import fc from "fast-check";
import { isLifterMatch } from "../../lib/rules/document.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import type { Rule } from "../../lib/rules/rule.ts";
import type { KNOWN_SOURCE_KINDS } from "../../lib/rules/source_kind.ts";
import { MAX_EVIDENCE_BYTES } from "../../lib/tagging/evidence.ts";
import { contractOf, SECRET_FIELDS } from "../../lib/tagging/evidence_contract.ts";
import { LIFTERS, predicatesByKind } from "../../lib/tagging/registry.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

/** Every rule that selects a detector in code. */
const LIFTER_RULES = loadPack().rules.filter(({ document }) => isLifterMatch(document.match));

/** Names that any predicate or rule reads, so that random payloads hit them. */
const FIELDS = Array.from(
  new Set(LIFTER_RULES.flatMap(({ document }) => [
    ...document.evidence_fields,
    ...(document.tests?.match ?? []).flatMap((example) =>
      typeof example === "string" ? [] : Object.keys(example)
    ),
  ])),
).concat("__proto__", "constructor", "command_text");

const value = fc.oneof(
  fc.anything({ maxDepth: 3 }),
  fc.constantFrom(true, false, null, 0, -1, 1e308, Number.NaN, "", "x".repeat(100_000)),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant("lnk"))),
);

const payload = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 12 });

Deno.test("every detector in code has a rule, and every such rule its detector", () => {
  const used = new Set(LIFTER_RULES.map(({ document }) => String(document.match["kind" as never])));
  assert.deepEqual([...predicatesByKind(LIFTERS).keys()].sort(), [...used].sort());
});

for (const lifter of LIFTERS) {
  const rules = LIFTER_RULES.filter(({ document }) =>
    isLifterMatch(document.match) &&
    Object.hasOwn(lifter.predicates, document.match.kind.slice("lifter:".length))
  );

  Deno.test(`lifter ${lifter.name} takes any payload and answers within its contract`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...lifter.sourceKinds), payload, (kind, random) => {
        const dropped: string[] = [];
        const failed: unknown[] = [];
        const tagger = packTagger({
          onEvidenceDropped: (_rule, _kind, keys) => dropped.push(...keys),
          onLifterError: (_lifter, error) => failed.push(error),
        }, rules);
        const { tags } = tagger.tag(eventOf(kind, random));
        assert.deepEqual(failed, []);
        for (const { ruleId, evidence } of tags) {
          const { document } = rules.find((rule) => rule.document.rule_id === ruleId)!;
          assertWithinContract(document, kind, evidence);
        }
      }),
      { numRuns: 300 },
    );
  });

  Deno.test(`lifter ${lifter.name} is silent about an empty payload`, () => {
    for (const kind of lifter.sourceKinds) {
      const { tags, bumps } = packTagger({}, rules).tag(eventOf(kind, {}));
      assert.deepEqual([...tags, ...bumps], []);
    }
  });

  Deno.test(`lifter ${lifter.name} that breaks costs its own tags only, and is told of`, () => {
    const broken = {
      ...lifter,
      predicates: Object.fromEntries(
        Object.keys(lifter.predicates).map((name) => [name, () => {
          throw new TypeError("boom");
        }]),
      ),
    };
    const kind = lifter.sourceKinds[0]!;
    const healthy = patternRule(kind);
    const failed: string[] = [];
    const tagger = packTagger({
      lifters: [broken],
      onLifterError: (name) => failed.push(name),
    }, [...rules.filter(({ document }) => document.applies_to.includes(kind)), healthy]);
    const { tags } = tagger.tag(eventOf(kind, { probe: "hit" }));
    assert.deepEqual(tags.map(({ ruleId }) => ruleId), ["healthy"]);
    assert.ok(failed.length > 0 && failed.every((name) => name === lifter.name));
  });
}

function assertWithinContract(
  document: Rule["document"],
  kind: (typeof KNOWN_SOURCE_KINDS)[number],
  evidence: Readonly<Record<string, unknown>>,
): void {
  const { shapes, copied } = contractOf(kind);
  for (const key of Object.keys(evidence)) {
    const allowed = Object.hasOwn(shapes, key) ||
      (copied === "any" && document.evidence_fields.includes(key));
    assert.ok(allowed && !SECRET_FIELDS.has(key), `${document.rule_id} shows ${key} of ${kind}`);
  }
  assert.ok(new TextEncoder().encode(JSON.stringify(evidence)).length <= MAX_EVIDENCE_BYTES);
}

/** A rule with a pattern that matches beside the broken lifter. */
function patternRule(kind: (typeof KNOWN_SOURCE_KINDS)[number]): Rule {
  return {
    file: "healthy.yaml",
    hash: "0",
    document: {
      rule_id: "healthy",
      rule_version: 1,
      name: "healthy",
      applies_to: [kind],
      match: { field: "probe", pattern: "hit" },
      emits: [{ tactic: "TA0002", technique_id: "T1059", confidence: 0.9 }],
      evidence_fields: [],
    },
  };
}

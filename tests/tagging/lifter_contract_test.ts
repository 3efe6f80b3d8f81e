import assert from "assert";
import fc from "fast-check";
import { isLifterMatch } from "../../lib/rules/format/document.ts";
import { loadPack } from "../../lib/rules/pack.ts";
import type { Rule } from "../../lib/rules/rule.ts";
import type { SourceKind } from "../../lib/rules/source_kind.ts";
import { MAX_EVIDENCE_BYTES } from "../../lib/tagging/evidence.ts";
import { contractOf, SECRET_FIELDS } from "../../lib/tagging/evidence_contract.ts";
import { LIFTERS, predicatesByKind } from "../../lib/tagging/registry.ts";
import type { Payload } from "../../lib/tagging/event.ts";
import { isObject } from "../../lib/tagging/payload.ts";
import { eventOf, packTagger } from "./pack_tagger.ts";

/** Every rule that selects a detector in code. */
const LIFTER_RULES = loadPack().rules.filter(({ document }) => isLifterMatch(document.match));

/** What a rule's own examples say, so that random payloads begin where something matches. */
function examplesOf(rules: readonly Rule[]): readonly Payload[] {
  return rules.flatMap(({ document }) => (document.tests?.match ?? []).filter(isObject));
}

/** Names that any predicate or rule reads, so that random values hit them. */
const FIELDS = Array.from(
  new Set([
    ...LIFTER_RULES.flatMap(({ document }) => document.evidence_fields),
    ...examplesOf(LIFTER_RULES).flatMap((example) => Object.keys(example)),
  ]),
).concat("__proto__", "constructor", "command_text", "password", "credential_hash");

const value = fc.oneof(
  fc.anything({ maxDepth: 3 }),
  fc.constantFrom(true, false, null, 0, -1, 1e308, Number.NaN, "", "x".repeat(100_000)),
  fc.double(),
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant("lnk"))),
);

/** Some of the examples, one over the other, with fields replaced at random. */
function payloads(examples: readonly Payload[]): fc.Arbitrary<Payload> {
  return fc.tuple(
    fc.subarray([...examples], { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 6 }),
  ).map(([base, changed]): Payload =>
    // As parsed JSON has them: `__proto__` is a key like any other.
    Object.fromEntries([...base, changed].flatMap((fields) => Object.entries(fields)))
  );
}

Deno.test("every detector in code has a rule, and every such rule its detector", () => {
  const used = new Set(
    LIFTER_RULES.flatMap(({ document: { match } }) => isLifterMatch(match) ? [match.kind] : []),
  );
  assert.deepEqual([...predicatesByKind(LIFTERS).keys()].sort(), [...used].sort());
});

for (const lifter of LIFTERS) {
  const rules = LIFTER_RULES.filter(({ document }) =>
    isLifterMatch(document.match) &&
    Object.hasOwn(lifter.predicates, document.match.kind.slice("lifter:".length))
  );

  Deno.test(`lifter ${lifter.name} takes any payload and answers within its contract`, () => {
    let answers = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...lifter.sourceKinds),
        payloads(examplesOf(rules)),
        (kind, random) => {
          const dropped: string[] = [];
          const failed: unknown[] = [];
          const tagger = packTagger({
            onEvidenceDropped: (_rule, _kind, keys) => dropped.push(...keys),
            onLifterError: (_lifter, error) => failed.push(error),
          }, rules);
          const { tags } = tagger.tag(eventOf(kind, random));
          assert.deepEqual(failed, []);
          assert.deepEqual(dropped, []);
          answers += tags.length;
          for (const { ruleId, evidence } of tags) {
            const { document } = rules.find((rule) => rule.document.rule_id === ruleId)!;
            assertWithinContract(document, kind, evidence);
          }
        },
      ),
      { numRuns: 300 },
    );
    assert.ok(answers > 0, "no payload was answered: the contract was not looked at");
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
  kind: SourceKind,
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
function patternRule(kind: SourceKind): Rule {
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

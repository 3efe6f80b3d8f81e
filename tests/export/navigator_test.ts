import assert from "assert";
import * as v from "valibot";
import { exported, exportTag, variousTags } from "./exported.ts";

const Metadata = v.strictObject({ name: v.string(), value: v.string() });

/** The property tables of the layer format, version 4.5. */
const Layer = v.strictObject({
  name: v.string(),
  versions: v.strictObject({
    attack: v.pipe(v.string(), v.regex(/^\d+$/)),
    navigator: v.pipe(v.string(), v.regex(/^(?:4\.9|[5-9])\./)),
    layer: v.literal("4.5"),
  }),
  domain: v.picklist(["enterprise-attack", "ics-attack", "mobile-attack"]),
  description: v.string(),
  sorting: v.picklist([0, 1, 2, 3]),
  layout: v.strictObject({
    layout: v.picklist(["side", "flat", "mini"]),
    showID: v.boolean(),
    showName: v.boolean(),
    showAggregateScores: v.boolean(),
    countUnscored: v.boolean(),
    aggregateFunction: v.picklist(["average", "min", "max", "sum"]),
    expandedSubtechniques: v.picklist(["none", "all", "annotated"]),
  }),
  hideDisabled: v.boolean(),
  techniques: v.array(v.strictObject({
    techniqueID: v.pipe(v.string(), v.regex(/^T\d{4}(?:\.\d{3})?$/)),
    tactic: v.pipe(v.string(), v.regex(/^[a-z-]+$/)),
    score: v.pipe(v.number(), v.minValue(1)),
    comment: v.string(),
    enabled: v.literal(true),
    metadata: v.array(Metadata),
    showSubtechniques: v.boolean(),
  })),
  gradient: v.pipe(
    v.strictObject({
      colors: v.pipe(v.array(v.pipe(v.string(), v.regex(/^#[0-9a-f]{6}$/))), v.minLength(2)),
      minValue: v.number(),
      maxValue: v.number(),
    }),
    v.check(({ minValue, maxValue }) => minValue < maxValue),
  ),
  legendItems: v.array(v.strictObject({ label: v.string(), color: v.string() })),
  selectTechniquesAcrossTactics: v.boolean(),
  selectSubtechniquesWithParent: v.boolean(),
  selectVisibleTechniques: v.boolean(),
  metadata: v.array(Metadata),
});

Deno.test("tags of two releases give a list of two layers by the rules of the format", async () => {
  const layers = v.parse(v.array(Layer), JSON.parse(await exported(variousTags(), "navigator")));
  assert.deepEqual(layers.map(({ domain, versions }) => [domain, versions.attack]), [
    ["enterprise-attack", "19"],
    ["ics-attack", "18"],
  ]);
  const scores = layers[0]!.techniques.map((technique) => [
    technique.techniqueID,
    technique.tactic,
    technique.score,
  ]);
  assert.deepEqual(scores, [["T1548.001", "privilege-escalation", 4], ["T1083", "discovery", 1]]);
});

Deno.test("tags of one release give the layer itself, and no tags an empty one", async () => {
  for (const tags of [[exportTag()], []]) {
    const layer = v.parse(Layer, JSON.parse(await exported(tags, "navigator")));
    assert.equal(layer.techniques.length, tags.length);
  }
});

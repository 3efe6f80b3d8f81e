import assert from "assert";
import * as v from "valibot";
import { loadEmbeddedAttack } from "../../lib/attack/embedded.ts";
import { Store } from "../../lib/store/store.ts";
import { directoryWith, runCaptured } from "../cli/captured_run.ts";
import { exported, exportTag, variousTags } from "./exported.ts";

const id = (type: string) =>
  v.pipe(v.string(), v.regex(new RegExp(`^${type}--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-`)));
const Time = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const Markings = v.pipe(v.array(id("marking-definition")), v.minLength(1));
const version = v.literal("2.1");
const Count = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(999_999_999));
const common = {
  spec_version: version,
  created: Time,
  modified: Time,
  object_marking_refs: Markings,
};
const made = { ...common, created_by_ref: id("identity") };

/** What STIX 2.1 requires and allows of the objects that are exported (sections 3, 4, 5, 6 and 7.2). */
const StixObject = v.variant("type", [
  v.strictObject({
    type: v.literal("marking-definition"),
    spec_version: version,
    id: id("marking-definition"),
    created: Time,
    definition_type: v.literal("tlp"),
    name: v.string(),
    definition: v.strictObject({ tlp: v.picklist(["white", "green", "amber", "red"]) }),
  }),
  v.strictObject({
    type: v.literal("identity"),
    id: id("identity"),
    ...common,
    name: v.string(),
    description: v.string(),
    identity_class: v.literal("system"),
  }),
  v.strictObject({
    type: v.literal("ipv4-addr"),
    spec_version: version,
    id: id("ipv4-addr"),
    value: v.pipe(v.string(), v.ipv4()),
  }),
  v.strictObject({
    type: v.literal("ipv6-addr"),
    spec_version: version,
    id: id("ipv6-addr"),
    value: v.pipe(v.string(), v.ipv6()),
  }),
  v.strictObject({
    type: v.literal("observed-data"),
    id: id("observed-data"),
    ...made,
    first_observed: Time,
    last_observed: Time,
    number_observed: Count,
    object_refs: v.pipe(v.array(id("ipv[46]-addr")), v.minLength(1)),
  }),
  v.strictObject({
    type: v.literal("sighting"),
    id: id("sighting"),
    ...made,
    first_seen: Time,
    last_seen: Time,
    count: Count,
    confidence: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
    sighting_of_ref: id("attack-pattern"),
    where_sighted_refs: v.pipe(v.array(id("identity")), v.minLength(1)),
    observed_data_refs: v.optional(v.pipe(v.array(id("observed-data")), v.minLength(1))),
    summary: v.literal(true),
  }),
]);

const Bundle = v.strictObject({
  type: v.literal("bundle"),
  id: id("bundle"),
  objects: v.array(StixObject),
});

type Bundle = v.InferOutput<typeof Bundle>;

const bundleOf = async (...args: Parameters<typeof exported>): Promise<Bundle> =>
  v.parse(Bundle, JSON.parse(await exported(...args)));

const ofType = <T extends Bundle["objects"][number]["type"]>({ objects }: Bundle, type: T) =>
  objects.filter((object): object is Extract<typeof object, { type: T }> => object.type === type);

Deno.test("a bundle keeps the rules of STIX 2.1, and every reference leads somewhere", async () => {
  const bundle = await bundleOf(variousTags(), "stix", "--sensor", "s1");
  const ids = bundle.objects.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  const { enterprise, ics } = loadEmbeddedAttack();
  const known = new Set([
    ...ids,
    ...[enterprise, ics].flatMap(({ techniques }) => techniques.map(({ stixId }) => stixId)),
  ]);
  const references = [...JSON.stringify(bundle.objects).matchAll(/"([a-z0-9-]+--[0-9a-f-]{36})"/g)];
  for (const [, reference] of references) assert.ok(known.has(reference!), reference);
});

Deno.test("each attacker has one sighting of each technique, on MITRE's own id", async () => {
  const bundle = await bundleOf(variousTags(), "stix");
  const sightings = ofType(bundle, "sighting");
  const suid = loadEmbeddedAttack().enterprise.technique("T1548.001")!.stixId;
  assert.equal(sightings.length, 5);
  const counts = sightings.filter((one) => one.sighting_of_ref === suid)
    .map(({ count, confidence, observed_data_refs: data }) => [count, confidence, data?.length]);
  assert.deepEqual(counts.toSorted(), [[1, 95, undefined], [1, 95, undefined], [2, 95, 1]]);
  assert.deepEqual(ofType(bundle, "ipv4-addr").map(({ id, value }) => [id, value]), [
    // The example of section 2.9 is computed in the same way: UUIDv5 of {"value":"…"}.
    [ofType(bundle, "observed-data")[0]!.object_refs[0], "192.0.2.10"],
  ]);
  assert.equal(ofType(bundle, "ipv6-addr")[0]?.value, "2001:db8::6");
});

Deno.test("the id of an address is the one that every producer gives", async () => {
  const [address] = ofType(await bundleOf([exportTag()], "stix"), "ipv4-addr");
  // uuid5(00abedb4-aa42-466c-9c01-fed23315a9b7, '{"value":"192.0.2.10"}')
  assert.equal(address?.id, "ipv4-addr--a2fbe2c6-009e-52e0-b452-90b71e3109c2");
});

Deno.test("a second export is the same; one of more tags updates the same objects", async () => {
  const tags = variousTags();
  const first = await exported(tags, "stix", "--sensor", "s1");
  assert.equal(await exported(tags, "stix", "--sensor", "s1"), first);
  const more = await bundleOf([...tags, exportTag()], "stix", "--sensor", "s1");
  const before: Bundle = JSON.parse(first);
  assert.deepEqual(more.objects.map(({ id }) => id), before.objects.map(({ id }) => id));
  assert.equal(more.id, before.id);
  const other = await bundleOf(tags, "stix", "--sensor", "s2");
  assert.notEqual(other.id, before.id);
});

Deno.test("an object keeps its time of creation in every version, whatever the export is limited to", async () => {
  using files = directoryWith({});
  const db = `${files.path}/t.db`;
  {
    using store = Store.open(db);
    const days = ["2026-05-01", "2026-05-02"];
    for (const day of days) store.tags.insert([exportTag()], new Date(`${day}T01:00:00Z`));
  }
  const versions = await Promise.all([[], ["--since", "2026-05-02"]].map(async (limits) => {
    const { out } = await runCaptured(["export", "stix", "--db", db, ...limits]);
    return ofType(v.parse(Bundle, JSON.parse(out)), "sighting");
  }));
  const [all, later] = versions.map((sightings) => sightings[0]!);
  assert.deepEqual([all!.id, all!.created], [later!.id, later!.created]);
  assert.deepEqual([all!.count, later!.count], [2, 1]);
  assert.ok(all!.created <= all!.modified);
});

Deno.test("the level of sharing is chosen, and no tags give a bundle of the sensor alone", async () => {
  const bundle = await bundleOf([], "stix", "--tlp", "green", "--sensor", "s1");
  assert.deepEqual(bundle.objects.map(({ type }) => type), ["marking-definition", "identity"]);
  assert.equal(ofType(bundle, "marking-definition")[0]!.definition.tlp, "green");
});

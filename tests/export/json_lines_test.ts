import assert from "assert";
import * as v from "valibot";
import { exported, exportTag, HOSTILE, variousTags } from "./exported.ts";

const Texts = v.array(v.string());
const Named = { id: Texts, name: Texts, reference: v.array(v.pipe(v.string(), v.url())) };

/** Fields of the Elastic Common Schema with the types and values that it allows. */
const EcsDocument = v.strictObject({
  "@timestamp": v.pipe(v.string(), v.isoTimestamp()),
  ecs: v.strictObject({ version: v.string() }),
  event: v.strictObject({
    id: v.string(),
    kind: v.literal("alert"),
    category: v.tuple([v.literal("intrusion_detection")]),
    type: v.tuple([v.literal("info")]),
    module: v.string(),
    dataset: v.string(),
    created: v.pipe(v.string(), v.isoTimestamp()),
  }),
  observer: v.record(v.picklist(["name", "type", "vendor", "product", "version"]), v.string()),
  rule: v.strictObject({ id: v.string(), version: v.string(), name: v.optional(v.string()) }),
  threat: v.strictObject({
    framework: v.literal("MITRE ATT&CK"),
    tactic: v.strictObject(Named),
    technique: v.strictObject({ ...Named, subtechnique: v.optional(v.strictObject(Named)) }),
  }),
  source: v.optional(v.strictObject({ ip: v.pipe(v.string(), v.ip()), address: v.string() })),
  related: v.optional(v.strictObject({ ip: v.array(v.pipe(v.string(), v.ip())) })),
  decnet: v.record(v.string(), v.union([v.string(), v.number()])),
});

const Entity = v.strictObject({ uid: v.string(), name: v.string(), src_url: v.string() });

/** What OCSF requires of a Detection Finding, and the types of what else is sent. */
const OcsfFinding = v.looseObject({
  activity_id: v.literal(1),
  category_uid: v.literal(2),
  class_uid: v.literal(2004),
  type_uid: v.literal(200401),
  time: v.pipe(v.number(), v.integer()),
  severity_id: v.picklist([0, 1, 2, 3, 4, 5, 6, 99]),
  confidence_id: v.picklist([1, 2, 3]),
  confidence_score: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100)),
  metadata: v.strictObject({
    version: v.string(),
    uid: v.string(),
    product: v.strictObject({ name: v.string(), vendor_name: v.string(), version: v.string() }),
  }),
  finding_info: v.looseObject({
    uid: v.string(),
    title: v.string(),
    attacks: v.tuple([v.strictObject({
      version: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)),
      tactic: Entity,
      technique: Entity,
      sub_technique: v.optional(Entity),
    })]),
  }),
});

const linesOf = async (...args: Parameters<typeof exported>): Promise<unknown[]> =>
  (await exported(...args)).split("\n").filter((line) => line !== "").map((line) =>
    JSON.parse(line)
  );

Deno.test("ecs has a document for each tag, with parent and sub-technique apart", async () => {
  const tags = variousTags();
  const documents = (await linesOf(tags, "ecs", "--sensor", "s1"))
    .map((line) => v.parse(EcsDocument, line));
  assert.deepEqual(documents.map(({ event }) => event.id), tags.map(({ uuid }) => uuid));
  const { threat, source, rule, decnet } = documents[0]!;
  assert.deepEqual(threat.technique.id, ["T1548"]);
  assert.deepEqual(threat.technique.name, ["Abuse Elevation Control Mechanism"]);
  assert.deepEqual(threat.technique.subtechnique?.id, ["T1548.001"]);
  assert.deepEqual(threat.technique.subtechnique?.name, ["Setuid and Setgid"]);
  assert.equal(documents[2]!.threat.technique.subtechnique, undefined);
  assert.deepEqual([source?.ip, rule.version], ["192.0.2.10", "1"]);
  assert.deepEqual(JSON.parse(String(decnet["evidence"])), { matched: HOSTILE });
});

Deno.test("ocsf has a Detection Finding for each tag, with the version of ATT&CK", async () => {
  const tags = variousTags();
  const findings = (await linesOf(tags, "ocsf")).map((line) => v.parse(OcsfFinding, line));
  assert.deepEqual(findings.map(({ finding_info: { uid } }) => uid), tags.map(({ uuid }) => uuid));
  const [{ version, tactic, technique, sub_technique }] = findings[0]!.finding_info.attacks;
  assert.deepEqual([version, tactic.uid, technique.uid, sub_technique?.uid], [
    "19.1",
    "TA0004",
    "T1548",
    "T1548.001",
  ]);
  assert.equal(findings.at(-1)!.finding_info.attacks[0].version, "18.1");
});

Deno.test("what an attacker typed is inert on a terminal in every format", async () => {
  for (const format of ["navigator", "stix", "misp", "ecs", "ocsf"]) {
    const text = await exported([exportTag()], format);
    for (const character of "\x1b\u202e") assert.ok(!text.includes(character), format);
  }
});

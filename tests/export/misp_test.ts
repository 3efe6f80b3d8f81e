import assert from "assert";
import * as v from "valibot";
import { exported, variousTags } from "./exported.ts";

const Uuid = v.pipe(v.string(), v.regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/));
const Epoch = v.pipe(v.string(), v.regex(/^\d{1,10}$/));
const Digit = v.pipe(v.string(), v.regex(/^[0-5]$/));
const Tags = v.array(v.strictObject({ name: v.string() }));

/** The members of the MISP core format that must be there, with their types: numbers are texts. */
const MispEvent = v.strictObject({
  Event: v.strictObject({
    uuid: Uuid,
    info: v.string(),
    date: v.pipe(v.string(), v.isoDate()),
    timestamp: Epoch,
    published: v.boolean(),
    distribution: Digit,
    threat_level_id: Digit,
    analysis: v.pipe(v.string(), v.regex(/^[012]$/)),
    Tag: Tags,
    Attribute: v.array(v.strictObject({
      uuid: Uuid,
      type: v.picklist(["ip-src", "text"]),
      category: v.picklist(["Network activity", "Other"]),
      to_ids: v.boolean(),
      distribution: Digit,
      timestamp: Epoch,
      first_seen: v.pipe(v.string(), v.isoTimestamp()),
      last_seen: v.pipe(v.string(), v.isoTimestamp()),
      comment: v.string(),
      value: v.string(),
      Tag: Tags,
    })),
  }),
});

Deno.test("an event keeps the rules of the core format, with an attribute for each attacker", async () => {
  const { Event } = v.parse(MispEvent, JSON.parse(await exported(variousTags(), "misp")));
  assert.deepEqual(Event.Tag, [{ name: "tlp:amber" }]);
  const attributes = Event.Attribute.map(({ type, value, to_ids }) => [type, value, to_ids]);
  assert.deepEqual(attributes, [
    ["text", "i1", false],
    ["ip-src", "192.0.2.10", true],
    ["text", "a2", false],
    ["ip-src", "2001:db8::6", true],
  ]);
  assert.deepEqual(Event.Attribute[1]!.Tag.map(({ name }) => name), [
    'misp-galaxy:mitre-attack-pattern="File and Directory Discovery - T1083"',
    'misp-galaxy:mitre-attack-pattern="Setuid and Setgid - T1548.001"',
  ]);
  assert.equal(Event.date, "2026-05-02");
});

Deno.test("a second export has the uuids of the first, and no tags give an empty event", async () => {
  const tags = variousTags();
  const first = await exported(tags, "misp", "--sensor", "s1");
  assert.equal(await exported(tags, "misp", "--sensor", "s1"), first);
  const empty = v.parse(MispEvent, JSON.parse(await exported([], "misp", "--sensor", "s1")));
  assert.equal(empty.Event.uuid, JSON.parse(first).Event.uuid);
  assert.deepEqual(empty.Event.Attribute, []);
});

Deno.test("events of different scopes share no attribute, which MISP would take into one of them only", async () => {
  const tags = variousTags();
  const uuids = (text: string): readonly string[] =>
    v.parse(MispEvent, JSON.parse(text)).Event.Attribute.map(({ uuid }) => uuid);
  const all = uuids(await exported(tags, "misp"));
  const one = uuids(await exported(tags, "misp", "--attacker", "a1"));
  assert.equal(new Set([...all, ...one]).size, all.length + one.length);
});

import assert from "assert";
import fc from "fast-check";
import {
  attackerUuid,
  TAG_NAMESPACE,
  type TagKey,
  tagUuid,
  uuidV5,
} from "../../lib/tagging/identity.ts";

const SUID: TagKey = {
  sourceKind: "command",
  sourceId: "cmd_42",
  ruleId: "R0015",
  ruleVersion: 1,
  techniqueId: "T1083",
};

Deno.test("the namespace of tags is the one that the central system uses", () => {
  assert.equal(TAG_NAMESPACE, "1ca31f08-5522-5aae-8371-fe81f0e39de3");
});

for (
  const [key, uuid] of [
    [SUID, "68fb11d9-e52c-5751-9b99-75877c5465ba"],
    [
      { ...SUID, techniqueId: "T1548", subTechniqueId: "T1548.001" },
      "4fd57b14-c135-544c-97d9-4fabc1051584",
    ],
    [
      {
        sourceKind: "email",
        sourceId: "msg-ünï-☃",
        ruleId: "R0044",
        ruleVersion: 1,
        techniqueId: "T1566",
        subTechniqueId: "T1566.002",
      },
      "45afcd70-649b-596d-992c-4e287cb0d028",
    ],
    [
      {
        sourceKind: "session",
        sourceId: "sess_7",
        ruleId: "R0031",
        ruleVersion: 1,
        techniqueId: "T1071",
      },
      "d58a09e8-15a1-5e76-b1b8-c584d15d4c6e",
    ],
  ] as const
) {
  Deno.test(`the tag of ${key.sourceId} by ${key.ruleId} for ${key.techniqueId} is ${uuid}`, () => {
    assert.equal(tagUuid(key), uuid);
  });
}

Deno.test("RFC 9562's own example of a version 5 uuid comes out", () => {
  assert.equal(
    uuidV5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"),
    "2ed6657d-e927-568b-95e1-2665a8aea6a2",
  );
});

Deno.test("an attacker minted for an address is the same on every sensor", () => {
  assert.equal(
    attackerUuid("192.0.2.10"),
    uuidV5("6ba7b811-9dad-11d1-80b4-00c04fd430c8", "decnet:attacker:192.0.2.10"),
  );
  assert.notEqual(attackerUuid("192.0.2.10"), attackerUuid("192.0.2.11"));
});

Deno.test("a namespace that is no uuid is refused", () => {
  assert.throws(() => uuidV5("url", "x"), RangeError);
});

Deno.test("any key gives a version 5 uuid, and every part of the key counts", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(), (sourceId, ruleVersion) => {
    const uuid = tagUuid({ ...SUID, sourceId, ruleVersion });
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(uuid, tagUuid({ ...SUID, sourceId, ruleVersion }));
    assert.notEqual(uuid, tagUuid({ ...SUID, sourceId: `${sourceId}!`, ruleVersion }));
    assert.notEqual(uuid, tagUuid({ ...SUID, sourceId, ruleVersion: ruleVersion + 1 }));
    assert.notEqual(uuid, tagUuid({ ...SUID, sourceId, ruleVersion, subTechniqueId: "T1083.001" }));
  }));
});

import assert from "assert";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { readBundle } from "../../lib/attack/bundle.ts";
import { AttackBundleError } from "../../lib/attack/errors.ts";
import { sha256 } from "../../lib/attack/hash.ts";
import { slimBundle } from "../../lib/attack/slim.ts";

/** A bundle in the shape of MITRE's: STIX 2.0 objects without `spec_version`. */
function bundle(overrides: Record<string, unknown> = {}): Uint8Array {
  const reference = (external_id: string) => [{
    source_name: "mitre-attack",
    external_id,
    url: `https://attack.mitre.org/${external_id}`,
  }];
  const dates = { created: "2025-01-01T00:00:00.000Z", modified: "2025-01-02T00:00:00.000Z" };
  const pattern = (id: string, name: string, more = {}) => ({
    type: "attack-pattern",
    id: `attack-pattern--${id}`,
    name,
    description: "words that are not facts",
    external_references: reference(id),
    kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "stealth" }],
    ...dates,
    ...more,
  });
  const relation = (
    id: string,
    relationship_type: string,
    source_ref: string,
    target_ref: string,
  ) => ({
    type: "relationship",
    id: `relationship--${id}`,
    relationship_type,
    source_ref,
    target_ref,
    ...dates,
  });
  return new TextEncoder().encode(JSON.stringify({
    type: "bundle",
    id: "bundle--1",
    objects: [
      {
        type: "x-mitre-collection",
        id: "x-mitre-collection--1",
        x_mitre_version: "20.0",
        ...dates,
      },
      {
        type: "x-mitre-matrix",
        id: "x-mitre-matrix--1",
        external_references: reference("enterprise-attack"),
        tactic_refs: ["x-mitre-tactic--1"],
        ...dates,
      },
      {
        type: "x-mitre-tactic",
        id: "x-mitre-tactic--1",
        name: "Stealth",
        x_mitre_shortname: "stealth",
        external_references: reference("TA0005"),
        ...dates,
      },
      pattern("T0001", "Parent"),
      pattern("T0001.001", "Child"),
      pattern("T0002", "Old", { revoked: true }),
      {
        type: "intrusion-set",
        id: "intrusion-set--1",
        name: "Cozy",
        aliases: ["Cozy", "Other"],
        external_references: reference("G0001"),
        ...dates,
      },
      relation("1", "subtechnique-of", "attack-pattern--T0001.001", "attack-pattern--T0001"),
      relation("2", "revoked-by", "attack-pattern--T0002", "attack-pattern--T0001"),
      relation("3", "uses", "intrusion-set--1", "attack-pattern--T0001.001"),
      null,
      42,
      { type: "attack-pattern" },
    ],
    ...overrides,
  }));
}

async function refusal(bytes: Uint8Array, pin = {}): Promise<string> {
  try {
    await readBundle(bytes, pin);
  } catch (error) {
    assert.ok(error instanceof AttackBundleError, String(error));
    return error.message;
  }
  return "accepted";
}

Deno.test("readBundle() takes a bundle by its hash, raw or compressed, or unpinned on request", async () => {
  const raw = bundle();
  const packed = new Uint8Array(gzipSync(raw));
  for (
    const [bytes, pin] of [
      [raw, { sha256: sha256(raw) }],
      [raw, { sha256: sha256(raw).toUpperCase() }],
      [raw, { unpinned: true }],
      [packed, { sha256: sha256(packed) }],
      [packed, { sha256: sha256(raw) }],
    ] as const
  ) {
    const matrix = await readBundle(bytes, pin);
    assert.equal(matrix.release, "enterprise-20.0");
    assert.equal(matrix.technique("T0001.001")?.name, "Parent: Child");
    assert.deepEqual(matrix.successors("T0002"), ["T0001"]);
    assert.deepEqual(matrix.groupsUsing("T0001.001").map((group) => group.aliases), [["Other"]]);
    assert.equal(matrix.sha256, sha256(raw));
  }
});

Deno.test("readBundle() refuses what nobody vouches for, and says its hash", async () => {
  const raw = bundle();
  assert.match(await refusal(raw), new RegExp(`pass its SHA-256 \\(it is ${sha256(raw)}\\)`));
  assert.match(await refusal(raw, { sha256: "0".repeat(64) }), /expected was 0{64}; it is damaged/);
  assert.match(await refusal(raw, { sha256: "abc" }), /"abc" is not a SHA-256: 64 hex digits/);
});

Deno.test("readBundle() says why a file is no bundle", async () => {
  const text = (content: string) => new TextEncoder().encode(content);
  const packed = new Uint8Array(gzipSync(bundle()));
  const cases: readonly [Uint8Array, RegExp][] = [
    [text(""), /it is not JSON; was the download cut short\?/],
    [bundle().subarray(0, 500), /it is not JSON/],
    [packed.subarray(0, packed.length - 20), /it does not unpack; was the download cut short\?/],
    [text("[]"), /it is not a STIX bundle/],
    [text('{"type":"bundle"}'), /it is not a STIX bundle/],
    [bundle({ objects: [] }), /holds no tactics/],
  ];
  for (const [bytes, message] of cases) {
    assert.match(await refusal(bytes, { unpinned: true }), message);
  }
});

Deno.test("readBundle() never fails in another way, whatever a file holds", async () => {
  const objects = fc.array(fc.oneof(
    fc.record({
      type: fc.constantFrom("attack-pattern", "x-mitre-tactic", "x-mitre-matrix", "relationship"),
      id: fc.string(),
      external_references: fc.anything(),
      kill_chain_phases: fc.anything(),
      name: fc.anything(),
    }),
    fc.anything(),
  ));
  await fc.assert(fc.asyncProperty(objects, async (random) => {
    await refusal(bundle({ objects: random }), { unpinned: true });
  }));
});

Deno.test("slimBundle() keeps facts, drops words, and gives the same text for the same input", async () => {
  const raw = bundle();
  const slim = slimBundle(new TextDecoder().decode(raw), sha256(raw));
  assert.equal(slimBundle(new TextDecoder().decode(raw), sha256(raw)).text, slim.text);
  assert.ok(!slim.text.includes("words that are not facts"));
  const bytes = new TextEncoder().encode(slim.text);
  const [full, small] = [
    await readBundle(raw, { unpinned: true }),
    await readBundle(bytes, { unpinned: true }),
  ];
  assert.equal(small.release, full.release);
  assert.deepEqual(small.techniques, full.techniques);
  assert.deepEqual(small.tactics, full.tactics);
  assert.deepEqual(small.groups, full.groups);
  assert.deepEqual(small.groupsUsing("T0001.001"), full.groupsUsing("T0001.001"));
  assert.deepEqual(small.successors("T0002"), full.successors("T0002"));
});

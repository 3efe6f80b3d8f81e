import assert from "assert";
import fc from "fast-check";
import type { Payload } from "../../lib/tagging/event.ts";
import { producerPayloads } from "../../lib/tagging/producer_payloads.ts";

const CASES: readonly [
  what: string,
  subject: string,
  sent: Payload,
  added: Payload,
][] = [
  [
    "the decoy of a sighting",
    "attacker.observed",
    { attacker_ip: "198.51.100.7", decky: "gate-3" },
    { decky_id: "gate-3" },
  ],
  [
    "the JARM of a prober",
    "attacker.fingerprinted",
    { attacker_ip: "198.51.100.7", port: 8443, jarm_hash: "2ad2ad00" },
    { jarm: "2ad2ad00" },
  ],
  [
    "the HASSH of a prober",
    "attacker.fingerprinted",
    { attacker_ip: "198.51.100.7", port: 22, hassh_server: "b12d2871" },
    { hassh: "b12d2871" },
  ],
  [
    "the observations of an identity",
    "identity.formed",
    { identity_uuid: "i-1", observation_uuids: ["a-1", "a-2"] },
    { attacker_uuids: ["a-1", "a-2"] },
  ],
  [
    "the observation that was linked",
    "identity.observation.linked",
    { identity_uuid: "i-1", observation_uuid: "a-3" },
    { attacker_uuid: "a-3" },
  ],
  [
    "winner and loser of a merge",
    "identity.merged",
    { winner_uuid: "i-1", loser_uuid: "i-2" },
    { identity_uuid: "i-2", merged_into_uuid: "i-1" },
  ],
  [
    "who is an identity of its own again",
    "identity.unmerged",
    { resurrected_uuid: "i-2", former_winner_uuid: "i-1" },
    { identity_uuid: "i-2" },
  ],
  [
    "the decoy of a canary",
    "canary.t-9.triggered",
    { token_id: "t-9", trigger_id: "n-1", decky_name: "gate-3" },
    { decky_id: "gate-3" },
  ],
];

for (const [what, subject, sent, added] of CASES) {
  Deno.test(`producerPayloads() names ${what} as rules do`, () => {
    assert.deepEqual(producerPayloads(subject, sent), [{ ...sent, ...added }]);
  });
}

Deno.test("producerPayloads() leaves a name that the producer used itself", () => {
  const sent = { decky: "gate-3", decky_id: "gate-4" };
  assert.equal(producerPayloads("attacker.observed", sent)[0], sent);
  const merged = { identity_uuid: "i-2", merged_into_uuid: "i-1", winner_uuid: "i-9" };
  assert.equal(producerPayloads("identity.merged", merged)[0], merged);
});

Deno.test("a reused credential is one payload for each attacker, with an id of its own", () => {
  const sent = {
    id: "c-1",
    target_count: 3,
    attacker_uuids: ["a-1", "a-2", "a-1"],
    attacker_ips: ["198.51.100.7", "198.51.100.8"],
  };
  const made = producerPayloads("credential.reuse.detected", sent);
  assert.deepEqual(
    made.map(({ source_id, attacker_uuid, attacker_ip, reuse_count }) => [
      source_id,
      attacker_uuid,
      attacker_ip,
      reuse_count,
    ]),
    [["c-1:a-1", "a-1", undefined, 3], ["c-1:a-2", "a-2", undefined, 3]],
  );
});

Deno.test("a reused credential that names addresses alone is one payload for each of them", () => {
  const made = producerPayloads("credential.reuse.detected", {
    id: "c-1",
    attacker_uuids: [],
    attacker_ips: ["198.51.100.7", "198.51.100.8"],
  });
  assert.deepEqual(made.map(({ source_id, attacker_ip }) => [source_id, attacker_ip]), [
    ["c-1:198.51.100.7", "198.51.100.7"],
    ["c-1:198.51.100.8", "198.51.100.8"],
  ]);
});

Deno.test("a reused credential of one attacker, as older producers send it, stays as it is", () => {
  const sent = { credential_id: "c-1", reuse_count: 2, attacker_uuid: "a-1" };
  assert.deepEqual(producerPayloads("credential.reuse.detected", sent), [sent]);
});

Deno.test("producerPayloads() gives payloads for any payload, never an error", () => {
  const subjects = [
    "attacker.observed",
    "identity.merged",
    "credential.reuse.detected",
    "toString",
  ];
  const names = ["id", "attacker_uuids", "attacker_ips", "decky", "winner_uuid", "__proto__"];
  fc.assert(fc.property(
    fc.constantFrom(...subjects),
    fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
    (subject, payload) => {
      assert.ok(producerPayloads(subject, payload).length >= 1);
    },
  ));
});

import assert from "assert";
import { Attributor } from "../../../lib/worker/pipeline/attribution.ts";
import { NOW, Scratch } from "../../store/scratch.ts";

const IP = "192.0.2.7";

/** An attributor over a new database. */
function open(scratch: Scratch, mintAttackers = false) {
  const store = scratch.open();
  return { store, attributor: new Attributor(store, mintAttackers) };
}

Deno.test("an address is new once, and known from then on", () => {
  using scratch = new Scratch();
  const { attributor } = open(scratch);
  assert.deepEqual(attributor.attribute({ attacker_ip: IP }, NOW), { known: false, ip: IP });
  assert.equal(attributor.learnAddress({ attacker_uuid: "a1", attacker_ip: IP }, NOW), IP);
  assert.equal(attributor.learnAddress({ attacker_uuid: "a1", attacker_ip: IP }, NOW), undefined);
  assert.deepEqual(attributor.attribute({ attacker_ip: IP }, NOW), {
    known: true,
    payload: { attacker_ip: IP, attacker_uuid: "a1" },
  });
});

Deno.test("an event that names nobody is attributed to nobody", () => {
  using scratch = new Scratch();
  const { attributor } = open(scratch);
  assert.equal(attributor.attribute({ attacker_ip: "Unknown" }, NOW), undefined);
  assert.deepEqual(attributor.attribute({ identity_uuid: "i1" }, NOW), {
    known: true,
    payload: { identity_uuid: "i1" },
  });
});

Deno.test("the identity of an attacker stands beside the payload, and follows a merge", () => {
  using scratch = new Scratch();
  const { attributor } = open(scratch);
  attributor.learnAddress({ attacker_uuid: "a1", attacker_ip: IP }, NOW);
  const formed = { identity_uuid: "i1", attacker_uuids: ["a1"] };
  attributor.learnFacts("identity.formed", formed, NOW);
  const attributed = (identityUuid: string) => ({
    known: true,
    payload: { attacker_uuid: "a1" },
    identityUuid,
  });
  assert.deepEqual(attributor.attribute({ attacker_uuid: "a1" }, NOW), attributed("i1"));
  const merged = { identity_uuid: "i1", merged_into_uuid: "i2" };
  attributor.learnFacts("identity.merged", merged, NOW);
  assert.deepEqual(attributor.attribute({ attacker_uuid: "a1" }, NOW), attributed("i2"));
});

Deno.test("an unknown address gets an attacker of its own where that is on, and keeps it", () => {
  using scratch = new Scratch();
  const { store, attributor } = open(scratch, true);
  const attribution = attributor.attribute({ attacker_ip: IP }, NOW);
  assert.ok(attribution?.known);
  const uuid = attribution.payload["attacker_uuid"];
  assert.equal(store.attackers.byIp(IP)?.uuid, uuid);
  assert.deepEqual(attributor.attribute({ attacker_ip: IP }, NOW), attribution);
});

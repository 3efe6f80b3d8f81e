import assert from "assert";
import { anchorClaim } from "../../../lib/worker/pipeline/anchor.ts";

Deno.test("ids in the payload are the anchor, and an address is only asked for without them", () => {
  assert.deepEqual(anchorClaim({ attacker_uuid: "a", attacker_ip: "192.0.2.1" }), {
    known: true,
    attackerUuid: "a",
  });
  assert.deepEqual(anchorClaim({ identity_uuid: "i" }), { known: true, identityUuid: "i" });
  assert.deepEqual(anchorClaim({ attacker_uuid: ["x"], attacker_ip: "192.0.2.1" }), {
    known: false,
    ip: "192.0.2.1",
  });
  assert.equal(anchorClaim({ attacker_uuid: null, attacker_ip: "Unknown" }), undefined);
});

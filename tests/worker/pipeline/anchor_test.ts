import assert from "assert";
import { anchorClaim, attackerAddress } from "../../../lib/worker/pipeline/anchor.ts";

for (
  const [payload, expected] of [
    [{ attacker_ip: "192.0.2.1" }, "192.0.2.1"],
    [{ attacker_ip: " 2001:DB8::1 " }, "2001:db8::1"],
    [{ attacker_ip: "::ffff:192.0.2.1" }, "192.0.2.1"],
    [{ attacker_ip: "Unknown", src_ip: "192.0.2.2" }, "192.0.2.2"],
    [{ attacker_ip: 9, src_ip: "192.0.2.2" }, "192.0.2.2"],
    [{ client_ip: "192.0.2.3" }, "192.0.2.3"],
    [{ attacker_ip: "Unknown" }, undefined],
    [{ attacker_ip: "192.0.2.1; drop table" }, undefined],
    [{ attacker_ip: "999.0.2.1" }, undefined],
    [{ attacker_ip: "" }, undefined],
    [{}, undefined],
  ] as const
) {
  Deno.test(`the address in ${JSON.stringify(payload)} is ${expected}`, () => {
    assert.equal(attackerAddress(payload), expected);
  });
}

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

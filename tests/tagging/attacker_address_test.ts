import assert from "assert";
import { attackerAddress } from "../../lib/tagging/attacker_address.ts";

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
    [{ attacker_ip: "192.0.2" }, undefined],
    [{ attacker_ip: "192.0.2.1.5" }, undefined],
    [{ attacker_ip: "192.0.2.01" }, undefined],
    [{ attacker_ip: "3221225985" }, undefined],
    [{ attacker_ip: "fe80::1%eth0" }, "fe80::1%eth0"],
    [{ attacker_ip: "1:2:3:4:5:6:7:8:9" }, undefined],
    [{ attacker_ip: "2001:db8::g" }, undefined],
    [{ attacker_ip: "[2001:db8::1]" }, undefined],
    [{ attacker_ip: ":" }, undefined],
    [{ attacker_ip: "" }, undefined],
    [{}, undefined],
  ] as const
) {
  Deno.test(`the address in ${JSON.stringify(payload)} is ${expected}`, () => {
    assert.equal(attackerAddress(payload), expected);
  });
}

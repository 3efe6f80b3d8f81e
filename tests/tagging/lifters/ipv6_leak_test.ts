import assert from "assert";
import { evidenceBy } from "../pack_tagger.ts";

Deno.test("R0059 shows the leaked address beside the one that was known", () => {
  const payload = {
    src_ip: "fe80::5054:ff:fe12:3456%eth0",
    attacker_ip: "192.0.2.61",
    mac_oui: "52:54:00",
    iid_kind: "eui64",
    vector: "passive_ndp",
    on_iface: "eth0",
    observed_at: "2026-06-01T08:04:00Z",
    hostname: "laptop",
  };
  const { src_ip, attacker_ip, hostname: _, ...told } = payload;
  const expected = { ...told, addr: src_ip, attacker_v4: attacker_ip };
  assert.deepEqual({ ...evidenceBy("R0059", "ipv6_leak", payload) }, expected);
});

for (
  const addr of [
    "fe7f::1",
    "fec0::1",
    "fe80:::1",
    "fe80::1::2",
    "fe80::g",
    "fe80::12345",
    "::ffff:192.0.2.1",
    "fe80::1]/@evil.example",
    `fe80::${"0:".repeat(1000)}1`,
    "",
  ]
) {
  Deno.test(`${JSON.stringify(addr.slice(0, 40))} is no link-local address`, () => {
    assert.equal(evidenceBy("R0059", "ipv6_leak", { addr }), undefined);
  });
}

for (const addr of ["fe80::1", "FEBF::1", "fe90:0:0:0:1:2:3:4", "fe80::192.0.2.1"]) {
  Deno.test(`${addr} is a link-local address`, () => {
    assert.equal(evidenceBy("R0059", "ipv6_leak", { addr })?.["addr"], addr);
  });
}

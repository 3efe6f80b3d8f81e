import type { LifterMatch } from "../../rules/format/document.ts";
import type { Finding, Lifter, Observation } from "../lifter.ts";
import { textField } from "../payload.ts";

/** fe80::/10, RFC 4291: the first ten bits are 1111111010. */
const LINK_LOCAL_REGEXP = /^fe[89ab][0-9a-f]:[0-9a-f:.]{1,40}$/i;

/** Link-local addresses that leak from a host that is otherwise seen over IPv4 only. */
export const IPV6_LEAK_LIFTER: Lifter = {
  name: "ipv6_leak",
  sourceKinds: ["ipv6_leak"],
  predicates: { ipv6_link_local_leak: linkLocalLeak },
};

function linkLocalLeak(_match: LifterMatch, { payload }: Observation): Finding | undefined {
  const addr = [textField(payload, "addr"), textField(payload, "src_ip")].find(isLinkLocal);
  if (addr === undefined) return undefined;
  const evidence: Record<string, unknown> = { addr };
  for (const field of ["mac_oui", "iid_kind", "vector", "on_iface", "observed_at"]) {
    const value = textField(payload, field);
    if (value !== undefined) evidence[field] = value;
  }
  const v4 = textField(payload, "attacker_ip");
  if (v4 !== undefined && !v4.includes(":")) evidence["attacker_v4"] = v4;
  return { evidence };
}

function isLinkLocal(text: string | undefined): boolean {
  if (text === undefined || text.length > 128) return false;
  // A zone, `fe80::1%eth0`, tells the interface and is no part of the address.
  const address = text.split("%", 1)[0]!;
  return LINK_LOCAL_REGEXP.test(address) && URL.canParse(`http://[${address}]/`);
}

import type { Payload } from "./event.ts";
import { textField } from "./payload.ts";

/** Where the address of an attacker stands, best first; sensors name it differently. */
const ADDRESS_FIELDS = ["attacker_ip", "src_ip", "client_ip"];

const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4_REGEXP = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

/** What an IPv6 address consists of, and the interface that may stand behind it; whether it is one, a URL decides. */
const IPV6_REGEXP = /^([0-9a-f:.]{2,45})(?:%[\w.-]{1,32})?$/;

/**
 * The attacker's address in the one form that the attacker table holds: lower
 * case, an IPv4 address never written as an IPv6 one. Producers write `Unknown`
 * where they have none; that and anything else that is no address is nothing.
 */
export function attackerAddress(payload: Payload): string | undefined {
  for (const field of ADDRESS_FIELDS) {
    const text = textField(payload, field)?.trim().toLowerCase();
    if (text === undefined || !isAddress(text)) continue;
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text);
    return mapped?.[1] ?? text;
  }
  return undefined;
}

function isAddress(text: string): boolean {
  if (IPV4_REGEXP.test(text)) return true;
  const [, address] = IPV6_REGEXP.exec(text) ?? [];
  return address !== undefined && address.includes(":") && URL.canParse(`http://[${address}]/`);
}

import { isIP } from "node:net";
import type { Payload } from "../../tagging/event.ts";
import { idField, textField } from "../../tagging/payload.ts";

/** Where the address of an attacker stands, best first; sensors name it differently. */
const ADDRESS_FIELDS = ["attacker_ip", "src_ip", "client_ip"];

/** What a payload says about whom its tags belong to. */
export type AnchorClaim =
  | { readonly known: true; readonly attackerUuid?: string; readonly identityUuid?: string }
  | { readonly known: false; readonly ip: string }
  | undefined;

/**
 * Reads who a payload is about: the ids that it carries, else an address that
 * the attacker table may know, else nothing.
 */
export function anchorClaim(payload: Payload): AnchorClaim {
  const attackerUuid = idField(payload, "attacker_uuid");
  const identityUuid = idField(payload, "identity_uuid");
  if (attackerUuid !== undefined || identityUuid !== undefined) {
    return {
      known: true,
      ...(attackerUuid !== undefined && { attackerUuid }),
      ...(identityUuid !== undefined && { identityUuid }),
    };
  }
  const ip = attackerAddress(payload);
  return ip === undefined ? undefined : { known: false, ip };
}

/**
 * The attacker's address in the one form that the attacker table holds: lower
 * case, an IPv4 address never written as an IPv6 one. Producers write `Unknown`
 * where they have none; that and anything else that is no address is nothing.
 */
export function attackerAddress(payload: Payload): string | undefined {
  for (const field of ADDRESS_FIELDS) {
    const text = textField(payload, field)?.trim().toLowerCase();
    if (text === undefined || isIP(text) === 0) continue;
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text);
    return mapped?.[1] ?? text;
  }
  return undefined;
}

import type { Payload } from "../../tagging/event.ts";
import { attackerAddress } from "../../tagging/attacker_address.ts";
import { idField } from "../../tagging/payload.ts";

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

import type { Store } from "../../store/store.ts";
import type { Payload } from "../../tagging/event.ts";
import { attackerUuid as mintedUuid } from "../../tagging/identity.ts";
import { idField, textsField } from "../../tagging/payload.ts";
import { attackerAddress } from "../../tagging/attacker_address.ts";
import { anchorClaim } from "./anchor.ts";

/** Whom the tags of an event belong to, as far as this sensor knows. */
export type Attribution =
  /**
   * The payload with its attacker. The identity that the attacker table adds stands
   * beside it: it may change, and must not change what the event's tags are called.
   */
  | { readonly known: true; readonly payload: Payload; readonly identityUuid?: string }
  /** Nobody yet; the event waits until this address is known. */
  | { readonly known: false; readonly ip: string }
  /** The event names nobody at all. */
  | undefined;

/** An attribution to somebody. */
export type KnownAttribution = Extract<Attribution, { readonly known: true }>;

/**
 * Learns from events which address is which attacker and which attacker is
 * which identity, and adds that knowledge to events that lack it.
 */
export class Attributor {
  readonly #store: Store;
  readonly #mintAttackers: boolean;

  /**
   * @param store holds what was learned
   * @param mintAttackers gives an unknown address an attacker of its own, for a sensor that nobody tells about attackers
   */
  constructor(store: Store, mintAttackers: boolean) {
    this.#store = store;
    this.#mintAttackers = mintAttackers;
  }

  /**
   * Learns the address of the attacker that a payload names.
   *
   * @returns the address when it was not known before: events may wait for it
   */
  learnAddress(payload: Payload, at: Date): string | undefined {
    const uuid = idField(payload, "attacker_uuid");
    const ip = attackerAddress(payload);
    if (uuid === undefined || ip === undefined) return undefined;
    const identityUuid = idField(payload, "identity_uuid");
    const { newAddress } = this.#store.attackers.learn({
      uuid,
      ip,
      at,
      ...(identityUuid !== undefined && { identityUuid }),
    });
    return newAddress ? ip : undefined;
  }

  /** Keeps what an event says beyond its own tags: verdicts for later sessions, identities. */
  learnFacts(subject: string, payload: Payload, at: Date): void {
    const attackerUuid = idField(payload, "attacker_uuid");
    const identityUuid = idField(payload, "identity_uuid");
    if (subject === "attacker.intel.enriched" && attackerUuid !== undefined) {
      this.#store.intel.put(attackerUuid, payload, at);
    } else if (subject === "identity.formed" && identityUuid !== undefined) {
      this.#store.attackers.setIdentity(textsField(payload, "attacker_uuids"), identityUuid);
    } else if (subject === "identity.merged" && identityUuid !== undefined) {
      const winner = idField(payload, "merged_into_uuid");
      if (winner !== undefined) this.#store.attackers.mergeIdentity(identityUuid, winner);
    }
  }

  /** Finds whom the tags of an event belong to. */
  attribute(payload: Payload, at: Date): Attribution {
    const claim = anchorClaim(payload);
    if (claim === undefined) return undefined;
    const { attackers } = this.#store;
    if (claim.known) {
      if (claim.attackerUuid === undefined || claim.identityUuid !== undefined) {
        return { known: true, payload };
      }
      return withIds(payload, attackers.byUuid(claim.attackerUuid)?.identityUuid);
    }
    const known = attackers.byIp(claim.ip);
    if (known !== undefined) {
      return withIds({ ...payload, attacker_uuid: known.uuid }, known.identityUuid);
    }
    if (!this.#mintAttackers) return { known: false, ip: claim.ip };
    const uuid = mintedUuid(claim.ip);
    attackers.learn({ uuid, ip: claim.ip, minted: true, at });
    return { known: true, payload: { ...payload, attacker_uuid: uuid } };
  }
}

function withIds(payload: Payload, identityUuid: string | undefined): Attribution {
  return { known: true, payload, ...(identityUuid !== undefined && { identityUuid }) };
}

import type { Payload } from "./event.ts";
import { idField, textsField } from "./payload.ts";

/** Names that DECNET's own programs use for a field, and the name that rules and detectors read. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "attacker.observed": { decky: "decky_id" },
  "attacker.fingerprinted": { jarm_hash: "jarm", hassh_server: "hassh" },
  "identity.formed": { observation_uuids: "attacker_uuids" },
  "identity.observation.linked": { observation_uuid: "attacker_uuid" },
  "identity.merged": { loser_uuid: "identity_uuid", winner_uuid: "merged_into_uuid" },
  "identity.unmerged": { resurrected_uuid: "identity_uuid" },
  "credential.reuse.detected": { id: "credential_id", target_count: "reuse_count" },
};

const CANARY_ALIASES: Readonly<Record<string, string>> = { decky_name: "decky_id" };

const CREDENTIAL_REUSE = "credential.reuse.detected";

/**
 * Gives a payload the names that rules and detectors read, beside those that its
 * producer used, and splits what is about several attackers: a reused credential
 * becomes one payload for each attacker named, with an id of its own.
 *
 * @param subject subject that the message arrived on, without prefix
 * @returns at least one payload; the same one where there is nothing to add
 */
export function producerPayloads(subject: string, payload: Payload): readonly Payload[] {
  const aliases = aliasesOf(subject);
  const named = aliases === undefined ? payload : withAliases(payload, aliases);
  return subject === CREDENTIAL_REUSE ? byAttacker(named) : [named];
}

function aliasesOf(subject: string): Readonly<Record<string, string>> | undefined {
  if (subject.startsWith("canary.")) return CANARY_ALIASES;
  return Object.hasOwn(ALIASES, subject) ? ALIASES[subject] : undefined;
}

/** A name of ours that the producer used itself counts. */
function withAliases(payload: Payload, aliases: Readonly<Record<string, string>>): Payload {
  const added = Object.entries(aliases).filter(([from, to]) =>
    Object.hasOwn(payload, from) && (payload[to] === undefined || payload[to] === null)
  );
  if (added.length === 0) return payload;
  return { ...payload, ...Object.fromEntries(added.map(([from, to]) => [to, payload[from]])) };
}

/** The lists of uuids and of addresses are not in one order, so that they are not paired. */
function byAttacker(payload: Payload): readonly Payload[] {
  if (idField(payload, "attacker_uuid") !== undefined) return [payload];
  const uuids = new Set(textsField(payload, "attacker_uuids"));
  const [field, attackers] = uuids.size > 0
    ? ["attacker_uuid", uuids]
    : ["attacker_ip", new Set(textsField(payload, "attacker_ips"))];
  if (attackers.size === 0) return [payload];
  const id = idField(payload, "source_id") ?? idField(payload, "credential_id") ?? "";
  return Array.from(attackers, (attacker) => ({
    ...payload,
    source_id: `${id}:${attacker}`,
    [field]: attacker,
  }));
}

import type { Dimension } from "../../../store/queries/top_by_count.ts";
import { listTags } from "../../../store/queries/tag_list.ts";
import type { TagFilter } from "../../../store/queries/tag_filter.ts";
import type { Store } from "../../../store/store.ts";
import { attackerAddress } from "../../../tagging/attacker_address.ts";

/** Somebody or something that tags are about. */
export interface Subject {
  /** Its id in the database. */
  readonly id: string;
  /** Its tags. */
  readonly filter: TagFilter;
  /** What else is known of it, in the order in which it is shown; names as scripts see them. */
  readonly facts: readonly (readonly [name: string, value: string])[];
}

/** Finds what is known of an attacker (by uuid or address), identity, session or decky. */
export function subjectOf(store: Store, dimension: Dimension, name: string): Subject {
  switch (dimension) {
    case "attacker":
      return attackerSubject(store, name);
    case "identity":
      return identitySubject(store, name);
    case "session":
      return sessionSubject(store, name);
    case "decky":
      return { id: name, filter: { deckyId: name }, facts: [["decky_id", name]] };
  }
}

function attackerSubject({ attackers }: Store, name: string): Subject {
  const ip = attackerAddress({ attacker_ip: name });
  const known = ip === undefined ? attackers.byUuid(name) : attackers.byIp(ip);
  const id = known?.uuid ?? name;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["attacker_uuid", id],
    ["ip", known?.ip],
    ["identity_uuid", known?.identityUuid],
    ["address_first_seen", known?.firstSeen],
    ["address_last_seen", known?.lastSeen],
  ];
  return {
    id,
    filter: { attackerUuid: id },
    facts: facts.flatMap(([fact, value]) => value === undefined ? [] : [[fact, value] as const]),
  };
}

function identitySubject({ attackers }: Store, name: string): Subject {
  const members = attackers.ofIdentity(name);
  return {
    id: name,
    filter: { identityUuid: name },
    facts: [
      ["identity_uuid", name],
      ...members.map(({ uuid, ip }) =>
        ["attacker", ip === undefined ? uuid : `${uuid} at ${ip}`] as const
      ),
    ],
  };
}

function sessionSubject(store: Store, name: string): Subject {
  const filter = { sessionId: name };
  const [first] = listTags(store, filter, { limit: 1 });
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["session_id", name],
    ["attacker_uuid", first?.attackerUuid],
    ["attacker_ip", first?.attackerIp],
    ["identity_uuid", first?.identityUuid],
    ["decky_id", first?.deckyId],
  ];
  return {
    id: name,
    filter,
    facts: facts.flatMap(([fact, value]) => value === undefined ? [] : [[fact, value] as const]),
  };
}

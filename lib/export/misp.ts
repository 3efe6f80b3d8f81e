import type { Attack } from "../attack/matrix.ts";
import type { Sighting } from "../store/queries/sightings.ts";
import { NAMESPACE_URL, uuidV5 } from "../tagging/identity.ts";
import { ownName } from "./named.ts";
import { byAttacker } from "./stix.ts";
import type { Tlp } from "./tlp.ts";

const NAMESPACE = uuidV5(NAMESPACE_URL, "decnet:misp:v1");

/** `distribution`: the organisation that imports it decides who else sees it. */
const OWN_ORGANISATION = "0";

/** `distribution` of an attribute: as its event. */
const INHERITED = "5";

/** `threat_level_id`: low, as for everything that a honeypot catches unattended. */
const LOW = "3";

/** `analysis`: ongoing. */
const ONGOING = "1";

/** What an event is about and to whom it may be shown. */
export interface MispOptions {
  /** The same for every export of the same tags; part of the event's uuid. */
  readonly scope: string;
  /** Title. */
  readonly info: string;
  readonly tlp: Tlp;
  /** When the first and the last tag was written; ISO 8601. */
  readonly firstSeen: string;
  readonly lastSeen: string;
}

/** The members of a MISP event but for its attributes. Numbers are texts there. */
export function mispEvent(options: MispOptions): Readonly<Record<string, unknown>> {
  const { scope, info, tlp, firstSeen, lastSeen } = options;
  return {
    uuid: uuidV5(NAMESPACE, `event|${scope}`),
    info,
    date: firstSeen.slice(0, 10),
    timestamp: epoch(lastSeen),
    published: false,
    distribution: OWN_ORGANISATION,
    threat_level_id: LOW,
    analysis: ONGOING,
    Tag: [{ name: `tlp:${tlp}` }],
  };
}

/**
 * Attributes of a MISP event: one for each attacker, tagged with the galaxy
 * clusters of the techniques that it showed.
 *
 * @param sightings one attacker after the other
 * @param scope of the event: MISP takes an attribute into one event only
 */
export function* mispAttributes(
  attack: Attack,
  sightings: Iterable<Sighting>,
  scope: string,
): Generator<Readonly<Record<string, unknown>>, void> {
  for (const group of byAttacker(sightings)) {
    const { attackerUuid, identityUuid, ip } = group[0]!;
    const owner = attackerUuid ?? identityUuid ?? "";
    const last = group.map(({ lastSeen }) => lastSeen).reduce((a, b) => a > b ? a : b);
    const first = group.map(({ firstSeen }) => firstSeen).reduce((a, b) => a < b ? a : b);
    yield {
      uuid: uuidV5(NAMESPACE, `attribute|${scope}|${owner}`),
      type: ip === undefined ? "text" : "ip-src",
      category: ip === undefined ? "Other" : "Network activity",
      to_ids: ip !== undefined,
      distribution: INHERITED,
      timestamp: epoch(last),
      first_seen: first,
      last_seen: last,
      comment: commentOf(group, owner),
      value: ip ?? owner,
      Tag: group.map((sighting) => ({ name: galaxyTag(attack, sighting) })),
    };
  }
}

function commentOf(group: readonly Sighting[], owner: string): string {
  const tags = group.reduce((sum, { tags }) => sum + tags, 0);
  const identity = group[0]?.identityUuid;
  const of = identity === undefined ? "" : `, identity ${identity}`;
  return `${tags} tags of ${owner}${of}, seen by honeypots`;
}

/** As the galaxy `mitre-attack-pattern` names its clusters. */
function galaxyTag(attack: Attack, sighting: Sighting): string {
  const id = sighting.subTechniqueId ?? sighting.techniqueId;
  return `misp-galaxy:mitre-attack-pattern="${ownName(attack, sighting)} - ${id}"`;
}

function epoch(time: string): string {
  return String(Math.floor(Date.parse(time) / 1000));
}

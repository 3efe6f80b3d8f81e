import { isIPv6 } from "node:net";
import type { Attack } from "../attack/matrix.ts";
import type { Sighting } from "../store/queries/sightings.ts";
import { NAMESPACE_URL, uuidV5 } from "../tagging/identity.ts";
import { techniqueOf } from "./named.ts";
import { type Tlp, TLP_MARKINGS, tlpMarking } from "./tlp.ts";

/** Namespace of the ids of observables, STIX 2.1 section 2.9. */
const OBSERVABLE_NAMESPACE = "00abedb4-aa42-466c-9c01-fed23315a9b7";

/** Namespace of the ids that STIX leaves to the producer. */
const OBJECT_NAMESPACE = uuidV5(NAMESPACE_URL, "decnet:stix:v1");

/**
 * An object keeps the time of its creation through all its versions, whatever time an export is
 * limited to; a fixed one does not depend on which export was the first.
 */
const CREATED = "2026-01-01T00:00:00.000Z";

/** Largest count that STIX allows. */
const MAX_COUNT = 999_999_999;

/** One object of a bundle. */
export type StixObject = Readonly<Record<string, unknown>> & { readonly id: string };

/** Who exports, and to whom it may be shown. */
export interface StixOptions {
  /** Name of the sensor. */
  readonly sensor: string;
  readonly tlp: Tlp;
}

/** Id of a bundle, the same for every export of the same scope. */
export function stixBundleId(scope: string): string {
  return `bundle--${uuidV5(OBJECT_NAMESPACE, `bundle|${scope}`)}`;
}

/**
 * The objects of a STIX 2.1 bundle: the sensor's identity, and for each attacker
 * its address as an observable in observed data, and one sighting of MITRE's own
 * attack-pattern for each technique. Ids come from what the objects are about, so
 * that a second export of the same tags is the same, and one of more tags updates.
 *
 * @param sightings one attacker after the other
 */
export function* stixObjects(
  attack: Attack,
  sightings: Iterable<Sighting>,
  { sensor, tlp }: StixOptions,
): Generator<StixObject, void> {
  const sensorId = `identity--${uuidV5(OBJECT_NAMESPACE, `sensor|${sensor}`)}`;
  const common = {
    spec_version: "2.1",
    created_by_ref: sensorId,
    object_marking_refs: [TLP_MARKINGS[tlp]],
  };
  yield tlpMarking(tlp) as StixObject;
  yield {
    type: "identity",
    spec_version: "2.1",
    id: sensorId,
    created: CREATED,
    modified: CREATED,
    name: sensor,
    description: "Honeypot sensor that labels what it sees with decnet-ttp.",
    identity_class: "system",
    object_marking_refs: [TLP_MARKINGS[tlp]],
  };
  for (const group of byAttacker(sightings)) {
    const observed = observedData(group, sensor, common);
    yield* observed;
    for (const sighting of group) {
      const pattern = techniqueOf(attack, sighting)?.stixId;
      if (pattern === undefined) continue;
      const key = `sighting|${sensor}|${ownerOf(sighting)}|${pattern}|${sighting.attackRelease}`;
      yield {
        type: "sighting",
        ...common,
        id: `sighting--${uuidV5(OBJECT_NAMESPACE, key)}`,
        created: createdBefore(sighting.lastSeen),
        modified: sighting.lastSeen,
        first_seen: sighting.firstSeen,
        last_seen: sighting.lastSeen,
        count: Math.min(MAX_COUNT, sighting.tags),
        confidence: Math.round(sighting.bestConfidence * 100),
        sighting_of_ref: pattern,
        where_sighted_refs: [sensorId],
        ...(observed.length > 0 && { observed_data_refs: [observed.at(-1)!.id] }),
        summary: true,
      };
    }
  }
}

/** Nothing for an attacker whose address is not known: there is no observable then. */
function observedData(
  group: readonly Sighting[],
  sensor: string,
  common: Readonly<Record<string, unknown>>,
): readonly StixObject[] {
  const ip = group[0]?.ip;
  if (ip === undefined) return [];
  const type = isIPv6(ip) ? "ipv6-addr" : "ipv4-addr";
  const address = {
    type,
    spec_version: "2.1",
    id: `${type}--${uuidV5(OBSERVABLE_NAMESPACE, JSON.stringify({ value: ip }))}`,
    value: ip,
  };
  const first = group.map(({ firstSeen }) => firstSeen).reduce((a, b) => a < b ? a : b);
  const last = group.map(({ lastSeen }) => lastSeen).reduce((a, b) => a > b ? a : b);
  const tags = group.reduce((sum, { tags }) => sum + tags, 0);
  return [address, {
    type: "observed-data",
    ...common,
    id: `observed-data--${uuidV5(OBJECT_NAMESPACE, `observed|${sensor}|${ownerOf(group[0]!)}`)}`,
    created: createdBefore(last),
    modified: last,
    first_observed: first,
    last_observed: last,
    number_observed: Math.min(MAX_COUNT, tags),
    object_refs: [address.id],
  }];
}

/** A clock that was wrong may have seen something before that time; nothing is modified before it is created. */
function createdBefore(modified: string): string {
  return modified < CREATED ? modified : CREATED;
}

/** Sightings of one attacker, or of one identity without attackers, together. */
export function* byAttacker(
  sightings: Iterable<Sighting>,
): Generator<readonly Sighting[], void> {
  let group: Sighting[] = [];
  for (const sighting of sightings) {
    if (group.length > 0 && ownerOf(group[0]!) !== ownerOf(sighting)) {
      yield group;
      group = [];
    }
    group.push(sighting);
  }
  if (group.length > 0) yield group;
}

function ownerOf({ attackerUuid, identityUuid }: Sighting): string {
  return attackerUuid ?? identityUuid ?? "";
}

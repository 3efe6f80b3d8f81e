import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import type { SourceKind } from "../rules/source_kind.ts";

/** RFC 9562's namespace for names that are URLs. */
export const NAMESPACE_URL = "6ba7b811-9dad-11d1-80b4-00c04fd430c8";

const NAMESPACE_BYTES = 16;

/** What makes a tag the same tag: nothing else goes into its uuid. */
export interface TagKey {
  /** Kind of the labelled event. */
  readonly sourceKind: SourceKind;
  /** Id of the labelled event. */
  readonly sourceId: string;
  /** Rule that matched. */
  readonly ruleId: string;
  /** Its version. */
  readonly ruleVersion: number;
  /** Parent technique id. */
  readonly techniqueId: string;
  /** Sub-technique, if the rule names one. */
  readonly subTechniqueId?: string;
}

/**
 * Name-based uuid of RFC 9562, version 5: the same name gives the same uuid on
 * every host and in every language.
 *
 * @param namespace uuid of the namespace
 * @param name any text; it is hashed as UTF-8
 * @throws {RangeError} when the namespace is not a uuid
 */
export function uuidV5(namespace: string, name: string): string {
  return nameUuid(namespaceBytes(namespace), name);
}

/**
 * Namespace of tag uuids, `1ca31f08-5522-5aae-8371-fe81f0e39de3`: the same that
 * the central system uses, so that both can tag one event and merge.
 */
export const TAG_NAMESPACE: string = uuidV5(NAMESPACE_URL, "decnet:ttp_tag:v1");

const TAG_NAMESPACE_BYTES = namespaceBytes(TAG_NAMESPACE);

/** The uuid of a tag. A replay of the same event gives the same uuids. */
export function tagUuid(key: TagKey): string {
  const { sourceKind, sourceId, ruleId, ruleVersion, techniqueId, subTechniqueId = "" } = key;
  return nameUuid(
    TAG_NAMESPACE_BYTES,
    `${sourceKind}|${sourceId}|${ruleId}|${ruleVersion}|${techniqueId}|${subTechniqueId}`,
  );
}

/**
 * The uuid that a sensor without a master gives an attacker.
 *
 * @param ip the attacker's address in its one canonical form
 */
export function attackerUuid(ip: string): string {
  return uuidV5(NAMESPACE_URL, `decnet:attacker:${ip}`);
}

function namespaceBytes(namespace: string): Uint8Array {
  const bytes = Buffer.from(namespace.replaceAll("-", ""), "hex");
  if (bytes.length !== NAMESPACE_BYTES) {
    throw new RangeError(`Cannot use "${namespace}" as a namespace: it is not a uuid`);
  }
  return bytes;
}

function nameUuid(namespace: Uint8Array, name: string): string {
  const hashed = Buffer.allocUnsafe(NAMESPACE_BYTES + Buffer.byteLength(name));
  hashed.set(namespace);
  hashed.write(name, NAMESPACE_BYTES);
  const hex = hash("sha1", hashed, "hex");
  // The version stands in the 13th digit, the variant in the two highest bits of the 17th.
  const variant = (parseInt(hex[16]!, 16) & 0x3 | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-` +
    `${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

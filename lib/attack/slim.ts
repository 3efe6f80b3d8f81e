import { AttackBundleError } from "./errors.ts";
import { KNOWN_BUNDLES } from "./pins.ts";
import {
  bundleObjects,
  externalReference,
  matrixFacts,
  releaseOf,
  type StixObject,
  USES_PROPERTY,
} from "./stix.ts";

/** A slim bundle as it is written to disk. */
export interface SlimBundle {
  /** e.g. `enterprise-attack`. */
  readonly domain: string;
  readonly version: string;
  /** STIX 2.1 bundle, one object a line. */
  readonly text: string;
}

/** Properties of MITRE's objects that are facts; descriptions and citations are not. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  "x-mitre-matrix": ["name", "tactic_refs"],
  "x-mitre-tactic": ["name", "x_mitre_shortname"],
  "attack-pattern": [
    "name",
    "kill_chain_phases",
    "revoked",
    "x_mitre_deprecated",
    "x_mitre_is_subtechnique",
    "x_mitre_platforms",
  ],
  "intrusion-set": ["name", "aliases"],
  "relationship": ["relationship_type", "source_ref", "target_ref"],
};

const RELATIONS = ["subtechnique-of", "revoked-by"];

/**
 * Makes the small bundle that the program embeds out of a large one: valid STIX
 * 2.1 objects with facts only. The same input gives the same text.
 *
 * @param text JSON of MITRE's bundle
 * @param sha256 of that JSON
 * @throws {AttackBundleError} when it is no bundle of ATT&CK data
 */
export function slimBundle(text: string, sha256: string): SlimBundle {
  const objects = bundleObjects(text);
  const { domain, version } = releaseOf(objects, sha256);
  const { uses } = matrixFacts(text, sha256);
  const usesByGroup = Map.groupBy(uses, ([group]) => group);
  const patterns = new Set(
    objects.filter((object) => object.type === "attack-pattern").map((object) => object.id),
  );
  const kept = objects.filter((object) => isKept(object, patterns))
    .map((object) => {
      const group = object.type === "intrusion-set" ? externalReference(object)?.id : undefined;
      const techniques = group === undefined ? undefined : usesByGroup.get(group);
      return slimObject(
        object,
        techniques === undefined
          ? {}
          : { [USES_PROPERTY]: distinctSorted(techniques.map(([, technique]) => technique)) },
      );
    })
    .sort((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
  const all = [collectionOf(objects, domain, version, sha256), ...kept];
  const lines = all.map((object) => JSON.stringify(object)).join(",\n");
  const id = `bundle--${uuidFrom(sha256)}`;
  return {
    domain,
    version,
    text: `{"type":"bundle","id":"${id}","objects":[\n${lines}\n]}\n`,
  };
}

function isKept(object: StixObject, patterns: ReadonlySet<string>): boolean {
  if (!Object.hasOwn(KEPT, object.type)) return false;
  const gone = object["revoked"] === true || object["x_mitre_deprecated"] === true;
  // A revoked technique stays, so that a rule that names it can be told its successor.
  if (object.type !== "attack-pattern" && gone) return false;
  if (object.type !== "relationship") return true;
  return RELATIONS.includes(String(object["relationship_type"])) &&
    patterns.has(String(object["source_ref"])) && patterns.has(String(object["target_ref"]));
}

function slimObject(object: StixObject, added: Readonly<Record<string, unknown>>): StixObject {
  const slim: Record<string, unknown> & { type: string; id: string } = {
    type: object.type,
    spec_version: "2.1",
    id: object.id,
    created: object["created"],
    modified: object["modified"],
  };
  for (const property of KEPT[object.type] ?? []) {
    const value = object[property];
    // STIX says the same with `false` or an empty list as with nothing.
    if (value === undefined || value === false) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    slim[property] = value;
  }
  if (object["x_decnet_synthetic_id"] === true) slim["x_decnet_synthetic_id"] = true;
  const reference = object.type === "relationship" ? undefined : externalReference(object);
  if (reference !== undefined) {
    const { id: external_id, url } = reference;
    slim["external_references"] = [{
      source_name: "mitre-attack",
      external_id,
      ...(url !== "" && { url }),
    }];
  }
  return Object.assign(slim, added);
}

/** Says which release the bundle holds and what it was made of. */
function collectionOf(
  objects: readonly StixObject[],
  domain: string,
  version: string,
  sha256: string,
): StixObject {
  const stamps = objects.map((object) => String(object["modified"] ?? "")).sort();
  const latest = stamps.at(-1);
  if (latest === undefined || latest === "") {
    throw new AttackBundleError("its objects have no dates");
  }
  return {
    type: "x-mitre-collection",
    spec_version: "2.1",
    id: `x-mitre-collection--${uuidFrom(sha256)}`,
    created: latest,
    modified: latest,
    name: `${domain} ${version}, facts only`,
    x_mitre_version: version,
    x_decnet_source_sha256: sha256,
    x_decnet_provenance: KNOWN_BUNDLES[sha256]?.provenance ??
      "Made from a bundle that is not known to the program.",
  };
}

/** A well-formed uuid (version 8: custom) out of a hash, so that the same input gives the same ids. */
function uuidFrom(hex: string): string {
  const variant = "89ab"[parseInt(hex[16]!, 16) % 4]!;
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

function distinctSorted(texts: readonly string[]): readonly string[] {
  return Array.from(new Set(texts)).sort();
}

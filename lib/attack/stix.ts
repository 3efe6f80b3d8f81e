import { AttackBundleError } from "./errors.ts";
import type { Group, MatrixFacts, Tactic, Technique } from "./matrix.ts";
import { KNOWN_BUNDLES } from "./pins.ts";

/** A STIX object of which nothing is certain but its type and id. */
export interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

/** Sources under which MITRE lists a technique's external id, by domain. */
const SOURCE_NAMES = ["mitre-attack", "mitre-ics-attack", "mitre-mobile-attack"];

/** Property of a slim bundle's groups: ids of the techniques that the group uses. */
export const USES_PROPERTY = "x_decnet_uses";

/**
 * Reads the facts of a matrix out of a STIX 2.0 or 2.1 bundle: MITRE's own, or
 * the slim one that this program embeds.
 *
 * @param text JSON of the bundle
 * @param sha256 of the bytes that it came in
 * @throws {AttackBundleError} when it is not a bundle of ATT&CK data
 */
export function matrixFacts(text: string, sha256: string): MatrixFacts {
  const objects = bundleObjects(text);
  const byType = Map.groupBy(objects, ({ type }) => type);
  const patterns = referenced(byType.get("attack-pattern"));
  const intrusionSets = referenced(byType.get("intrusion-set"));
  const techniqueIds = externalIds(patterns);
  const groupIds = externalIds(intrusionSets);
  const tactics = tacticsOf(byType);
  const { domain, version } = releaseOf(objects, sha256);
  const relations = (byType.get("relationship") ?? []).filter((object) => !isGone(object));
  const related = (
    kind: string,
    sources: ReadonlyMap<string, string>,
  ): [source: string, target: string][] =>
    relations.flatMap(({ relationship_type: type, source_ref: source, target_ref: target }) => {
      if (type !== kind) return [];
      const from = sources.get(String(source));
      const to = techniqueIds.get(String(target));
      return from === undefined || to === undefined ? [] : [[from, to]];
    });
  const techniques = techniquesOf(
    patterns,
    tactics,
    new Map(related("subtechnique-of", techniqueIds)),
  );
  if (techniques.length === 0) throw new AttackBundleError("the bundle holds no techniques");
  return {
    domain,
    version,
    sha256,
    tactics,
    techniques,
    groups: groupsOf(intrusionSets),
    uses: [...related("uses", groupIds), ...usesListed(intrusionSets)],
    revokedBy: related("revoked-by", techniqueIds),
  };
}

/**
 * The objects of a STIX bundle.
 *
 * @throws {AttackBundleError} when the text is not one
 */
export function bundleObjects(text: string): readonly StixObject[] {
  let bundle: unknown;
  try {
    bundle = JSON.parse(text);
  } catch {
    throw new AttackBundleError("it is not JSON; was the download cut short?");
  }
  if (!isRecord(bundle) || bundle["type"] !== "bundle" || !Array.isArray(bundle["objects"])) {
    throw new AttackBundleError('it is not a STIX bundle: a JSON object with "type": "bundle"');
  }
  return bundle["objects"].filter(isStixObject);
}

/** The id that people know an object by, e.g. `T1105`, and the page about it. */
export function externalReference(object: StixObject): { id: string; url: string } | undefined {
  for (const reference of list(object["external_references"])) {
    if (!isRecord(reference)) continue;
    const { source_name: source, external_id: id, url } = reference;
    if (SOURCE_NAMES.includes(String(source)) && typeof id === "string") {
      return { id, url: typeof url === "string" ? url : "" };
    }
  }
  return undefined;
}

/**
 * Domain and version of the release that a bundle holds. MITRE's collection
 * object says the version; what lacks one is known by its hash or not at all.
 *
 * @throws {AttackBundleError} when the bundle does not say which release it is
 */
export function releaseOf(
  objects: readonly StixObject[],
  sha256: string,
): { readonly domain: string; readonly version: string } {
  const matrix = objects.find((object) => object.type === "x-mitre-matrix");
  const domain = matrix === undefined ? undefined : externalReference(matrix)?.id;
  if (domain === undefined) throw new AttackBundleError("it names no matrix, so no domain");
  const collection = objects.find((object) => object.type === "x-mitre-collection");
  const version = KNOWN_BUNDLES[sha256]?.version ?? collection?.["x_mitre_version"];
  if (typeof version !== "string" || !/^\d+\.\d+$/.test(version)) {
    throw new AttackBundleError(
      "it does not say which release it is: there is no x-mitre-collection with an x_mitre_version; use a bundle as MITRE publishes it",
    );
  }
  return { domain, version };
}

/** An object that people know by an id, with that id and its page. */
interface Referenced {
  readonly object: StixObject;
  readonly id: string;
  readonly url: string;
}

function referenced(objects: readonly StixObject[] = []): readonly Referenced[] {
  const found: Referenced[] = [];
  for (const object of objects) {
    const reference = externalReference(object);
    if (reference !== undefined) found.push({ object, id: reference.id, url: reference.url });
  }
  return found;
}

function tacticsOf(byType: ReadonlyMap<string, readonly StixObject[]>): readonly Tactic[] {
  const byStixId = new Map<string, Tactic>();
  for (const { object, id, url } of referenced(byType.get("x-mitre-tactic"))) {
    const { x_mitre_shortname: shortname, name } = object;
    if (isGone(object)) continue;
    if (typeof shortname !== "string" || typeof name !== "string") continue;
    byStixId.set(object.id, { id, url, shortname, name, stixId: object.id });
  }
  if (byStixId.size === 0) throw new AttackBundleError("the bundle holds no tactics");
  const matrix = byType.get("x-mitre-matrix")?.[0];
  const ordered = list(matrix?.["tactic_refs"]).flatMap((ref) => byStixId.get(String(ref)) ?? []);
  return [...new Set([...ordered, ...byStixId.values()])];
}

function techniquesOf(
  patterns: readonly Referenced[],
  tactics: readonly Tactic[],
  parents: ReadonlyMap<string, string>,
): readonly Technique[] {
  const byShortname = new Map(
    tactics.map((tactic, order) => [tactic.shortname, { tactic, order }]),
  );
  const names = new Map<string, string>();
  for (const { object, id } of patterns) {
    if (!names.has(id)) names.set(id, String(object["name"]));
  }
  const techniques = new Map<string, Technique>();
  for (const { object, id, url } of patterns) {
    const own = String(object["name"]);
    const parentId = parents.get(id) ?? parentByNumber(id);
    const parentName = parentId === undefined ? undefined : names.get(parentId);
    const technique: Technique = {
      id,
      url,
      name: parentName === undefined ? own : `${parentName}: ${own}`,
      tactics: list(object["kill_chain_phases"])
        .flatMap((phase) =>
          isRecord(phase) ? byShortname.get(String(phase["phase_name"])) ?? [] : []
        )
        .sort((a, b) => a.order - b.order)
        .map(({ tactic }) => tactic.id),
      platforms: list(object["x_mitre_platforms"]).map(String),
      ...(parentId !== undefined && { parentId }),
      revoked: object["revoked"] === true,
      deprecated: object["x_mitre_deprecated"] === true,
      stixId: object.id,
    };
    // An id in use wins over an old object that carried the same one.
    const known = techniques.get(id);
    if (known === undefined || known.revoked || known.deprecated) techniques.set(id, technique);
  }
  return Array.from(techniques.values());
}

/** A revoked sub-technique has lost its relation; its number still says whose it was. */
function parentByNumber(id: string): string | undefined {
  const dot = id.indexOf(".");
  return dot < 0 ? undefined : id.slice(0, dot);
}

function groupsOf(intrusionSets: readonly Referenced[]): readonly Group[] {
  return intrusionSets.filter(({ object }) => !isGone(object)).map(({ object, id, url }) => {
    const name = String(object["name"]);
    const aliases = list(object["aliases"]).map(String).filter((alias) => alias !== name);
    return { id, url, name, aliases };
  });
}

/** The slim bundle lists a group's techniques at the group: thousands of relations are most of a bundle's size. */
function usesListed(intrusionSets: readonly Referenced[]): [group: string, technique: string][] {
  return intrusionSets.flatMap(({ object, id: group }) =>
    list(object[USES_PROPERTY]).map((id): [string, string] => [group, String(id)])
  );
}

function externalIds(objects: readonly Referenced[]): ReadonlyMap<string, string> {
  return new Map(objects.map(({ object, id }) => [object.id, id]));
}

function isGone(object: StixObject): boolean {
  return object["revoked"] === true || object["x_mitre_deprecated"] === true;
}

function isStixObject(value: unknown): value is StixObject {
  return isRecord(value) && typeof value["type"] === "string" && typeof value["id"] === "string";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

import { createHash } from "node:crypto";
import { EMBEDDED_PINS, KNOWN_BUNDLES } from "../lib/attack/pins.ts";
import type { Package } from "./packages.ts";
import type { Runtime } from "./runtimes.ts";
import { type Revision, VERSION } from "./source.ts";

/** Specification of the format, https://cyclonedx.org/docs/1.6/json/. */
const SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json";

const ATTACK_TERMS = "https://attack.mitre.org/resources/legal-and-branding/terms-of-use/";

/**
 * The bill of materials of the executables, CycloneDX 1.6 as JSON. The same
 * commit gives the same text.
 *
 * @param packages npm packages in the program
 * @param runtimes runtimes of the packed files
 */
export function billOfMaterials(
  revision: Revision,
  packages: readonly Package[],
  runtimes: readonly Runtime[],
): string {
  const program = `pkg:generic/decnet-ttp@${VERSION}`;
  const bill = {
    $schema: SCHEMA,
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: `urn:uuid:${uuidOf(`${VERSION} ${revision.commit}`)}`,
    version: 1,
    metadata: {
      timestamp: new Date(revision.seconds * 1_000).toISOString(),
      component: {
        type: "application",
        "bom-ref": program,
        name: "decnet-ttp",
        version: VERSION,
        purl: program,
        licenses: [{ license: { id: "AGPL-3.0-or-later" } }],
        properties: [{ name: "decnet-ttp:commit", value: revision.commit }],
      },
    },
    components: [
      ...packages.map(packageComponent),
      ...runtimes.map(runtimeComponent),
      ...attackComponents(),
    ],
    dependencies: [
      {
        ref: program,
        dependsOn: [
          ...packages.map(({ name, version }) => npmUrl(name, version)),
          ...runtimes.map(({ npm, version }) => npmUrl(npm, version)),
        ],
      },
      ...packages.map(({ name, version, dependencies }) => ({
        ref: npmUrl(name, version),
        dependsOn: dependencies.map(npmUrlOfId),
      })),
    ],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function packageComponent({ name, version, license, sha512 }: Package) {
  return {
    type: "library",
    "bom-ref": npmUrl(name, version),
    name,
    version,
    purl: npmUrl(name, version),
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }],
    ...(sha512 !== undefined && { hashes: [{ alg: "SHA-512", content: sha512 }] }),
  };
}

function runtimeComponent({ npm, version, sha256, target }: Runtime) {
  return {
    type: "platform",
    "bom-ref": npmUrl(npm, version),
    name: npm,
    version,
    description: `Deno runtime of the packed file for ${target}; the hash is the executable's`,
    purl: npmUrl(npm, version),
    licenses: [{ license: { id: "MIT" } }],
    hashes: [{ alg: "SHA-256", content: sha256 }],
  };
}

function attackComponents() {
  return Object.entries(EMBEDDED_PINS).map(([name, { sha256, sourceSha256 }]) => {
    const known = KNOWN_BUNDLES[sourceSha256];
    return {
      type: "data",
      "bom-ref": `attack:${name}`,
      name: `MITRE ATT&CK ${name}`,
      ...(known !== undefined && { version: known.version }),
      description: "facts of a release of https://attack.mitre.org",
      licenses: [{ license: { name: "MITRE ATT&CK Terms of Use", url: ATTACK_TERMS } }],
      hashes: [{ alg: "SHA-256", content: sha256 }],
    };
  });
}

/** A package URL, https://github.com/package-url/purl-spec: the scope's `@` is escaped. */
function npmUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function npmUrlOfId(id: string): string {
  const at = id.lastIndexOf("@");
  return npmUrl(id.slice(0, at), id.slice(at + 1));
}

/** A UUID that names a text: version 8 of RFC 9562, whose bits are the maker's own affair. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [0, 8, 12, 16, 20].map((from, i, cuts) => hex.slice(from, cuts[i + 1])).join("-");
}

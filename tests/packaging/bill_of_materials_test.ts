import assert from "assert";
import { noticesText } from "../../.tasks/notices.ts";
import { programPackages } from "../../.tasks/packages.ts";
import { RUNTIMES, TARGETS } from "../../.tasks/runtimes.ts";
import { billOfMaterials } from "../../.tasks/sbom.ts";

const PACKAGES = await programPackages();

interface Bill {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly "bom-ref": string;
  readonly name: string;
  readonly version?: string;
  readonly licenses?: readonly unknown[];
  readonly purl?: string;
  readonly hashes?: readonly { readonly content: string }[];
}

function bill(): Bill {
  const runtimes = TARGETS.map((target) => RUNTIMES[target]);
  return JSON.parse(billOfMaterials({ commit: "0".repeat(40), seconds: 0 }, PACKAGES, runtimes));
}

Deno.test("what the program imports, directly or not, is told, and nothing that its tests do", () => {
  const names = PACKAGES.map(({ name }) => name);
  for (const name of ["@nats-io/transport-node", "@nats-io/nkeys", "tweetnacl", "yaml"]) {
    assert.ok(names.includes(name), `${name} is in the program`);
  }
  for (const name of ["fast-check", "pure-rand", "playwright-core", "@sparticuz/chromium", "b4a"]) {
    assert.ok(!names.includes(name), `${name} is a tool of the tests`);
  }
});

Deno.test("each package comes with its licence and the hash of its archive", () => {
  for (const { name, license, licenseText, sha512 } of PACKAGES) {
    assert.notEqual(license, "NOASSERTION", name);
    assert.match(sha512 ?? "", /^[0-9a-f]{128}$/, name);
    assert.ok(licenseText !== undefined && noticesText(PACKAGES).includes(licenseText), name);
  }
});

Deno.test("the program's own licence and MITRE's terms come with it", () => {
  const notices = noticesText(PACKAGES);
  for (const part of ["GNU AFFERO GENERAL PUBLIC LICENSE", "The MITRE Corporation"]) {
    assert.ok(notices.includes(part), part);
  }
  for (const { name, version, licenses } of bill().components) {
    assert.ok(version !== undefined && licenses?.length === 1, name);
  }
});

Deno.test("whatever the bill refers to is one of its components, each of them once", () => {
  const { metadata, components, dependencies } = bill();
  const known = [metadata.component, ...components].map((component) => component["bom-ref"]);
  assert.deepEqual(known, [...new Set(known)]);
  for (const { ref, dependsOn } of dependencies) {
    for (const one of [ref, ...dependsOn]) assert.ok(known.includes(one), one);
  }
  for (const { name, hashes } of components) assert.equal(hashes?.length, 1, name);
  const purls = components.flatMap(({ purl }) => purl ?? []);
  for (const purl of purls) assert.match(purl, /^pkg:npm\/(%40[a-z0-9-]+\/)?[a-z0-9-]+@[\d.]+$/);
});

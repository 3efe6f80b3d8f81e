import { join } from "node:path";
import { PROJECT } from "./source.ts";

/** An npm package that is part of the program. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package says it. */
  readonly license: string;
  /** Text of its licence file, when it has one. */
  readonly licenseText: string | undefined;
  /** SHA-512 of its archive in hexadecimal digits, as the lock file has it. */
  readonly sha512: string | undefined;
  /** Names and versions, `name@version`, of the packages it needs. */
  readonly dependencies: readonly string[];
}

interface GraphPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** The part of deno.lock that is read here. */
interface LockFile {
  readonly npm: Readonly<Record<string, { readonly integrity?: string }>>;
}

const LICENSE_FILE_REGEXP = /^(licen[cs]e|copying)(\.(md|txt))?$/i;

/** Every npm package that the program imports, directly or not, by name; those of the tests are not among them. */
export async function programPackages(): Promise<readonly Package[]> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: PROJECT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`deno info failed: ${decoder.decode(stderr).trim()}`);
  const { npmPackages } = JSON.parse(decoder.decode(stdout)) as {
    readonly npmPackages: Readonly<Record<string, GraphPackage>>;
  };
  const lock = JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.lock"))) as LockFile;
  const packages = await Promise.all(
    Object.entries(npmPackages).map(([id, found]) => describe(found, lock.npm[id]?.integrity)),
  );
  return packages.sort((a, b) => a.name < b.name ? -1 : 1);
}

async function describe(found: GraphPackage, integrity?: string): Promise<Package> {
  const { name, version, dependencies, localPath } = found;
  const { license } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json"))) as {
    readonly license?: string;
  };
  return {
    name,
    version,
    dependencies,
    license: license ?? "NOASSERTION",
    licenseText: await licenseText(localPath),
    sha512: hexDigits(integrity),
  };
}

async function licenseText(folder: string): Promise<string | undefined> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!LICENSE_FILE_REGEXP.test(name)) continue;
    return (await Deno.readTextFile(join(folder, name))).trim();
  }
  return undefined;
}

/** @param integrity as npm writes it, `sha512-` and base64 */
function hexDigits(integrity: string | undefined): string | undefined {
  const base64 = /^sha512-(.+)$/.exec(integrity ?? "")?.[1];
  return base64 === undefined ? undefined : Uint8Array.fromBase64(base64).toHex();
}

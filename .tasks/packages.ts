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
  /** Keys of the graph's packages. */
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** What `deno info --json` says of a program. */
interface Graph {
  /** Everything that is imported; `npmPackage` is a key of the packages below. */
  readonly modules: readonly { readonly npmPackage?: string }[];
  /** Every package that the project's lock file resolves, imported or not. */
  readonly npmPackages: Readonly<Record<string, GraphPackage>>;
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
  const { modules, npmPackages } = JSON.parse(decoder.decode(stdout)) as Graph;
  const lock = JSON.parse(await Deno.readTextFile(join(PROJECT, "deno.lock"))) as LockFile;
  const imported = modules.flatMap(({ npmPackage }) => npmPackage ?? []);
  const packages = await Promise.all(
    Array.from(
      neededPackages(imported, npmPackages),
      (id) => describe(npmPackages[id]!, npmPackages, lock.npm[id]?.integrity),
    ),
  );
  return packages.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** Keys of some packages and of all that these need in turn. */
function neededPackages(
  imported: readonly string[],
  all: Graph["npmPackages"],
): ReadonlySet<string> {
  const needed = new Set(imported);
  // A set is gone through to its end, what is added meanwhile included.
  for (const id of needed) for (const dependency of all[id]!.dependencies) needed.add(dependency);
  return needed;
}

async function describe(
  { name, version, dependencies, localPath }: GraphPackage,
  all: Graph["npmPackages"],
  integrity?: string,
): Promise<Package> {
  const { license } = JSON.parse(await Deno.readTextFile(join(localPath, "package.json"))) as {
    readonly license?: string;
  };
  return {
    name,
    version,
    // A key also tells which peers a package was resolved with.
    dependencies: dependencies.map((id) => `${all[id]!.name}@${all[id]!.version}`),
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

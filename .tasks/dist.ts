import { join } from "node:path";
import { noticesText } from "./notices.ts";
import { programPackages } from "./packages.ts";
import { RUNTIMES, sha256, TARGETS } from "./runtimes.ts";
import { billOfMaterials } from "./sbom.ts";
import { DIST, type Revision, VERSION } from "./source.ts";
import { writeWhole } from "./whole_file.ts";

/** Does a build; what goes wrong is said in plain words, and ends the process with 1. */
export async function runBuild(build: () => Promise<void>): Promise<void> {
  try {
    await build();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    Deno.exit(1);
  }
}

/** Puts an executable into `dist/`, and says so. */
export async function writeExecutable(name: string, file: Uint8Array): Promise<void> {
  await writeWhole(join(DIST, name), file, 0o755);
  say(`dist/${name}: ${(file.length / 2 ** 20).toFixed(1)} MiB`);
}

/**
 * Writes what goes with the executables in `dist/`: bill of materials, notices,
 * checksums of everything there.
 */
export async function writeDistFacts(revision: Revision): Promise<void> {
  const packages = await programPackages();
  const runtimes = TARGETS.map((target) => RUNTIMES[target]);
  const bill = billOfMaterials(revision, packages, runtimes);
  await writeText(`decnet-ttp-${VERSION}.cdx.json`, bill);
  await writeText(`decnet-ttp-${VERSION}.notices.txt`, noticesText(packages));
  await writeText("SHA256SUMS", await checksums());
}

/** As `sha256sum --check` reads it. */
async function checksums(): Promise<string> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(DIST)) {
    if (name.startsWith("decnet-ttp-")) names.push(name);
  }
  const lines = names.sort().map(async (name) =>
    `${sha256(await Deno.readFile(join(DIST, name)))}  ${name}\n`
  );
  return (await Promise.all(lines)).join("");
}

async function writeText(name: string, text: string): Promise<void> {
  await writeWhole(join(DIST, name), new TextEncoder().encode(text));
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

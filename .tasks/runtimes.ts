import { createHash } from "node:crypto";
import { join } from "node:path";
import { denoCache } from "./deno_cache.ts";

/** Platforms that the program is built for. */
export const TARGETS = ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"] as const;

/** One of them, as Rust and `deno compile --target` write it. */
export type Target = typeof TARGETS[number];

/** A Deno executable that a packed file carries. */
export interface Runtime {
  readonly target: Target;
  /** Package on the npm registry. */
  readonly npm: string;
  readonly version: string;
  /** SHA-256 of the executable in it. */
  readonly sha256: string;
  /** Oldest GNU C library it runs with: the newest version that its symbols ask for. */
  readonly glibc: string;
}

/** Pinned, so that the same commit gives the same file wherever it is built. */
export const RUNTIMES: Readonly<Record<Target, Runtime>> = {
  "x86_64-unknown-linux-gnu": {
    target: "x86_64-unknown-linux-gnu",
    npm: "@deno/linux-x64-glibc",
    version: "2.9.6",
    sha256: "bceb5b6a6239b0b010418406d8c77a508f67cf4337d94288f1c19fe71304aab0",
    glibc: "2.27",
  },
  "aarch64-unknown-linux-gnu": {
    target: "aarch64-unknown-linux-gnu",
    npm: "@deno/linux-arm64-glibc",
    version: "2.9.6",
    sha256: "d08d392418df53f4e6e88a08909c0e1bccbf9adcead7232df72b6ad6075ec416",
    glibc: "2.27",
  },
};

/** A runtime cannot be had, or is not the one that is wanted. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
}

/** The platform of this machine, when the program can be built for it. */
export function hostTarget(): Target | undefined {
  return TARGETS.find((target) => target === Deno.build.target);
}

/**
 * The executable of a pinned runtime: the one that runs this, where it is the
 * same, else that of the npm package, through Deno's own cache.
 *
 * @param named a file to take it from instead
 * @throws {RuntimeError} when it cannot be had
 */
export async function runtimeBytes(runtime: Runtime, named?: string): Promise<Uint8Array> {
  if (named !== undefined) return await pinned(runtime, named);
  if (runtime.target === hostTarget()) {
    const bytes = await Deno.readFile(Deno.execPath());
    if (sha256(bytes) === runtime.sha256) return bytes;
  }
  return await pinned(runtime, await fromRegistry(runtime));
}

/** SHA-256 of some bytes, one part after the other, as 64 hexadecimal digits. */
export function sha256(...parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

async function pinned(runtime: Runtime, path: string): Promise<Uint8Array> {
  const bytes = await Deno.readFile(path);
  const actual = sha256(bytes);
  if (actual === runtime.sha256) return bytes;
  throw new RuntimeError(
    `${path} is not Deno ${runtime.version} for ${runtime.target}: its SHA-256 is ${actual}, ` +
      `pinned in .tasks/runtimes.ts is ${runtime.sha256}`,
  );
}

async function fromRegistry({ npm, version, target }: Runtime): Promise<string> {
  const cached = await cachedExecutable(npm, version);
  if (cached !== undefined) return cached;
  // Dependencies are not resolved from a project's lock file: this one is pinned by its own hash.
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-config", "--no-lock", `npm:${npm}@${version}`],
    stdin: "null",
  }).output();
  const fetched = success ? await cachedExecutable(npm, version) : undefined;
  if (fetched !== undefined) return fetched;
  throw new RuntimeError(
    `the npm package ${npm}@${version} cannot be had from the registry: ` +
      `${new TextDecoder().decode(stderr).trim()}\n` +
      `--runtime FILE takes the executable of Deno ${version} for ${target} from a file`,
  );
}

async function cachedExecutable(npm: string, version: string): Promise<string | undefined> {
  const { npmCache } = await denoCache();
  try {
    for await (const registry of Deno.readDir(npmCache)) {
      const path = join(npmCache, registry.name, npm, version, "deno");
      if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return undefined;
}

import { join } from "node:path";
import manifest from "../deno.json" with { type: "json" };
import { stageSources, workFolder } from "./source.ts";

/** The program could not be made into one file. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/** What the running program is allowed, see `permissions.program` in deno.json. */
interface PermissionSet {
  readonly [name: string]: boolean | readonly string[] | {
    readonly allow: readonly string[];
    readonly ignore?: boolean;
  };
}

/**
 * Makes one JavaScript file of the program, everything it needs inside: rules,
 * ATT&CK data, packages. It holds no path of this machine, and is plain ASCII.
 *
 * @param commit what the program says it was made of
 * @throws {BundleError} with what the bundler said
 */
export async function bundleProgram(commit: string): Promise<Uint8Array> {
  const folder = await workFolder("bundle-");
  try {
    await stageSources(folder, commit);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--frozen", "--minify", "--output", "program.js", "main.ts"],
      cwd: folder,
      stdin: "null",
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw new BundleError(bundleFailure(new TextDecoder().decode(stderr)));
    const program = await Deno.readTextFile(join(folder, "program.js"));
    if (program.includes(folder)) {
      throw new BundleError("the bundle holds a path of this machine, so another one would differ");
    }
    return new TextEncoder().encode(inAscii(program));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** @param stderr what the bundler said */
export function bundleFailure(stderr: string): string {
  const said = stderr.split("Stack backtrace:")[0]!.trim();
  return /https:\/\//.test(said)
    ? `${said}\n\nThe bundler and the packages come from the npm registry. Without it they must be in ` +
      "the directory that `deno info` calls DENO_DIR: copy that of a machine where this task has run"
    : said;
}

/**
 * A JavaScript source that means the same in ASCII. One character beyond Latin-1
 * makes the engine keep the whole source in two bytes a character.
 */
export function inAscii(source: string): string {
  return source.replaceAll(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * What the engine is told. All functions are compiled at once and kept in its code
 * cache, from where a start takes them in less time than it takes to compile those
 * it needs. Young objects get two halves of 4 MiB, not 32; the old ones are looked
 * through when they have grown by 20 %, not by up to 300; and pages that are free go
 * back to the host, not to a pool, where up to 30 MiB would stay. The worker of the
 * macro benchmark takes 150 to 180 MiB and as much CPU as without these; one that does
 * nothing but label takes 3 to 8 % more.
 */
const ENGINE_FLAGS = [
  "--no-lazy",
  "--max-semi-space-size=4",
  "--heap-growing-percent=20",
  "--no-memory-pool",
];

/** Option of `deno run` and `deno compile` that hands them over. */
export const ENGINE_OPTION = `--v8-flags=${ENGINE_FLAGS.join(",")}`;

/** Options of `deno run` and `deno compile`: those of the engine, and what deno.json allows the program. */
export function programFlags(): readonly string[] {
  const set: PermissionSet = manifest.permissions.program;
  const allowed = Object.entries(set).flatMap(([name, value]) => {
    if (value === true) return [`--allow-${name}`];
    if (value === false) return [];
    if (Array.isArray(value)) return [`--allow-${name}=${value.join(",")}`];
    const { allow, ignore } = value as { allow: readonly string[]; ignore?: boolean };
    return [
      `--allow-${name}=${allow.join(",")}`,
      ...(ignore === true ? [`--ignore-${name}`] : []),
    ];
  });
  return [
    ENGINE_OPTION,
    "--no-prompt",
    ...manifest.unstable.map((name) => `--unstable-${name}`),
    ...allowed,
  ];
}

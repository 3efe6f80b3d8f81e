import { join } from "node:path";
import { fileURLToPath } from "node:url";
import manifest from "../../deno.json" with { type: "json" };

const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));

/** The executable that users get. */
export interface BuiltFile {
  readonly path: string;
  /** `compiled` by `deno task compile`, or `packed` by `deno task pack`. */
  readonly kind: "compiled" | "packed";
}

/**
 * The file of this version for this machine: the compiled one where there is one, else the packed one.
 *
 * @param dist folder of built files
 * @throws {Error} saying how to make one when there is none
 */
export function builtFile(dist: string = DIST): BuiltFile {
  const names = new Set(filesIn(dist));
  const compiled = `decnet-ttp-${manifest.version}-${Deno.build.arch}-unknown-linux-gnu`;
  for (
    const [kind, name] of [
      ["compiled", compiled],
      ["packed", `${compiled}-packed`],
    ] as const
  ) {
    if (names.has(name)) return { path: join(dist, name), kind };
  }
  throw new Error(
    `nothing in ${dist} is ${manifest.version} for this machine; make it with \`deno task pack\``,
  );
}

function* filesIn(folder: string): Generator<string> {
  try {
    for (const { name } of Deno.readDirSync(folder)) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

import { join } from "node:path";

const DIST = new URL("../../dist/", import.meta.url).pathname;

/** The executable that users get. */
export interface BuiltFile {
  readonly path: string;
  /** `compiled` by `deno task compile`, or `packed` by `deno task pack`. */
  readonly kind: "compiled" | "packed";
}

/**
 * The file in `dist/` for this machine: the compiled one where there is one, else the packed one.
 *
 * @throws {Error} saying how to make one when there is none
 */
export function builtFile(): BuiltFile {
  const names = Array.from(filesIn(DIST));
  const target = new RegExp(`^decnet-ttp-.*-${Deno.build.arch}-unknown-linux-gnu`);
  for (
    const [kind, ending] of [
      ["compiled", /-gnu$/],
      ["packed", /-gnu-packed$/],
    ] as const
  ) {
    const name = names.find((one) => target.test(one) && ending.test(one));
    if (name !== undefined) return { path: join(DIST, name), kind };
  }
  throw new Error(`nothing in ${DIST} is for this machine; make it with \`deno task pack\``);
}

function* filesIn(folder: string): Generator<string> {
  try {
    for (const { name } of Deno.readDirSync(folder)) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

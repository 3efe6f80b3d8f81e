import { join } from "node:path";
import { bundleProgram, inAscii } from "./bundle.ts";
import { noticesText } from "./notices.ts";
import { programPackages } from "./packages.ts";
import { packedFile, type PackedPart, packPart } from "./packed_file.ts";
import { type Runtime, runtimeBytes } from "./runtimes.ts";
import { PROJECT, type Revision } from "./source.ts";
import { writeWhole } from "./whole_file.ts";

const SCRIPT = join(PROJECT, ".tasks/pack_header.sh");

/** Compressed runtimes, which change with a version of Deno only. */
const PARTS = join(PROJECT, ".cache/pack");

/**
 * The program as one JavaScript file, with the notices that its parts ask for in front.
 *
 * @param revision what the program says it was made of
 */
export async function programWithNotices(revision: Revision): Promise<Uint8Array> {
  const notices = inAscii(noticesText(await programPackages()).replaceAll("*/", "* /"));
  const program = await bundleProgram(revision.commit);
  return new Uint8Array(await new Blob([`/*\n${notices}*/\n`, program.slice()]).arrayBuffer());
}

/**
 * The packed file of a platform.
 *
 * @param program as `programWithNotices()` gives it
 * @param named file with the runtime, in the place of the npm package
 */
export async function pack(
  runtime: Runtime,
  program: Uint8Array,
  revision: Revision,
  named?: string,
): Promise<Uint8Array> {
  return packedFile({
    script: await Deno.readTextFile(SCRIPT),
    runtime,
    revision,
    program: packPart(program),
    executable: await packedRuntime(runtime, named),
  });
}

/** Compressing a runtime takes ten seconds; the result is kept. */
async function packedRuntime(runtime: Runtime, named?: string): Promise<PackedPart> {
  const kept = join(PARTS, `${runtime.sha256}.gz`);
  const size = join(PARTS, `${runtime.sha256}.size`);
  try {
    return {
      sha256: runtime.sha256,
      size: Number(await Deno.readTextFile(size)),
      gzip: await Deno.readFile(kept),
    };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const part = packPart(await runtimeBytes(runtime, named));
  await writeWhole(kept, part.gzip);
  // Written last: it says that the other one is whole.
  await writeWhole(size, new TextEncoder().encode(String(part.size)));
  return part;
}

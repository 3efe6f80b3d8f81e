import manifest from "../../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

/** Version of this program, as `deno.json` says it. */
export const PROGRAM_VERSION: string = manifest.version;

/**
 * Commit that the program was made of: what the build wrote into `build.json`,
 * or, run from a clone, what is checked out. Unknown in a copy without history.
 */
export function programCommit(): string | undefined {
  return build.commit === "" ? checkedOutCommit() : build.commit;
}

function checkedOutCommit(): string | undefined {
  try {
    const git = new URL("../../.git/", import.meta.url);
    const head = Deno.readTextFileSync(new URL("HEAD", git)).trim();
    if (!head.startsWith("ref: ")) return commitOf(head);
    const ref = head.slice("ref: ".length);
    return commitOf(readIfThere(new URL(ref, git)) ?? packedRef(new URL("packed-refs", git), ref));
  } catch {
    // No clone, a linked work tree, or no permission to look: the answer is "unknown", not an error.
    return undefined;
  }
}

function readIfThere(file: URL): string | undefined {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function packedRef(file: URL, ref: string): string | undefined {
  const line = readIfThere(file)?.split("\n").find((line) => line.endsWith(` ${ref}`));
  return line?.slice(0, line.indexOf(" "));
}

function commitOf(text: string | undefined): string | undefined {
  return /^[0-9a-f]{40,64}$/.exec(text?.trim() ?? "")?.[0];
}

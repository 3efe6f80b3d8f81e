import { dirname } from "node:path";

/**
 * Writes a file that is there as a whole or not at all, also for others who
 * build at the same time.
 *
 * @param mode permission bits
 */
export async function writeWhole(path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const unfinished = await Deno.makeTempFile({ dir: dirname(path), prefix: ".unfinished-" });
  await Deno.writeFile(unfinished, bytes);
  await Deno.chmod(unfinished, mode);
  await Deno.rename(unfinished, path);
}

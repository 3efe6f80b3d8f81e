import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the project. */
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Where fetched programs are unpacked; ignored by git. */
export const CACHE_DIR = join(ROOT, ".cache");

/** Folder into which the Debian package of nats-server is unpacked. */
export const UNPACKED_DIR = join(CACHE_DIR, "nats-server");

/** Says how to get the program where there is none. */
export const HOW_TO_GET_IT = "nats-server is missing: run `deno task setup`, which fetches it " +
  "without root, or install it, or name it in the environment variable NATS_SERVER";

/**
 * Finds a nats-server: `NATS_SERVER`, else the search path, else what `deno task setup` fetched.
 *
 * @returns nothing when there is none
 */
export function findNatsServer(): string | undefined {
  const named = Deno.env.get("NATS_SERVER");
  if (named !== undefined && named !== "") return named;
  const searchPath = (Deno.env.get("PATH") ?? "").split(delimiter).filter((dir) => dir !== "");
  // Debian installs it where only root's search path looks.
  const folders = [...searchPath, "/usr/sbin", join(UNPACKED_DIR, "usr", "sbin")];
  return folders.map((folder) => join(folder, "nats-server")).find((path) => existsSync(path));
}

import { dirname } from "node:path";

/** Where the database of an installed sensor is. */
const SYSTEM_DATABASE = "/var/lib/decnet/ttp.db";

/** Where it is for somebody who tries the program out. */
const LOCAL_DATABASE = "./decnet-ttp.db";

/** The database when nobody says which: the system's, where its directory can be written, else one here. */
export function defaultDatabase(): string {
  return isWritableDirectory(dirname(SYSTEM_DATABASE)) ? SYSTEM_DATABASE : LOCAL_DATABASE;
}

/** Whether this user can make a file there. Tried, not computed from mode bits: those say nothing about read-only file systems and sandboxes. */
export function isWritableDirectory(path: string): boolean {
  try {
    Deno.removeSync(Deno.makeTempFileSync({ dir: path, prefix: ".decnet-ttp-" }));
    return true;
  } catch {
    return false;
  }
}

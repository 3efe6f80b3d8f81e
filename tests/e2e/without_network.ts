/**
 * Runs the end-to-end tests where there is no network but loopback, so that an
 * executable that fetches anything fails.
 */
import { fileURLToPath } from "node:url";
import { staticBusybox } from "../harness/shells.ts";

const TESTS = fileURLToPath(new URL("executable.ts", import.meta.url));

const isRoot = Deno.uid() === 0;

/** Who is not root is root in a namespace for as long as it takes, and then who they were. */
const AS_BEFORE = `unshare --user --map-user=${Deno.uid()} --map-group=${Deno.gid()}`;

const { code } = await new Deno.Command("unshare", {
  args: [
    "--net",
    ...(isRoot ? [] : ["--map-root-user"]),
    ...["sh", "-c", `"$0" ip link set lo up && exec ${isRoot ? "" : AS_BEFORE} "$1" test -A "$2"`],
    ...[await staticBusybox(), Deno.execPath(), TESTS],
  ],
}).spawn().status;
Deno.exit(code);

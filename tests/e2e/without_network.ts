/**
 * Runs the end-to-end tests where there is no network but loopback, so that an
 * executable that fetches anything fails.
 */
import { fileURLToPath } from "node:url";
import { staticBusybox } from "../harness/shells.ts";

const TESTS = fileURLToPath(new URL("executable.ts", import.meta.url));

const { code } = await new Deno.Command("unshare", {
  args: [
    "--net",
    ...(Deno.uid() === 0 ? [] : ["--map-root-user"]),
    ...["sh", "-c", '"$0" ip link set lo up && exec "$1" test -A "$2"'],
    ...[await staticBusybox(), Deno.execPath(), TESTS],
  ],
}).spawn().status;
Deno.exit(code);

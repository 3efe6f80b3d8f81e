import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/**
 * Arguments of the runtime that start the program as users start it: with the
 * permissions that it is shipped with, and no others.
 *
 * @param runtimeFlags flags of the runtime, e.g. a limit on its memory
 */
export function programArguments(
  args: readonly string[],
  runtimeFlags: readonly string[] = [],
): string[] {
  const permissions = ["--config", CONFIG, "-P=program", "--no-prompt"];
  return ["run", ...permissions, "--no-check", "--quiet", ...runtimeFlags, MAIN, ...args];
}

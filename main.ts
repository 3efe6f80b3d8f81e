import { runProcess } from "./lib/cli/program.ts";

if (import.meta.main) {
  Deno.exit(await runProcess(Deno.args));
}

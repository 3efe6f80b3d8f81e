import type { Command } from "commander";
import type { Context } from "../../context.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { installationIn, SERVICE } from "./installation.ts";

interface UninstallOptions {
  readonly dryRun?: boolean;
  readonly purge?: boolean;
  readonly root: string;
}

/** Registers `uninstall`. */
export function registerUninstall(program: Command, context: Context): void {
  const command = program.command("uninstall")
    .helpGroup(COMMAND_GROUPS.about)
    .description("remove the systemd unit; settings and database stay unless told otherwise")
    .option("--dry-run", "print what would be removed, and remove nothing")
    .option("--purge", "remove the settings and the database as well, for good")
    .option("--root <dir>", "where it was installed below a directory", "/")
    .action((options: UninstallOptions) => uninstall(options, context));
  addExamples(command, [
    [
      "sudo systemctl disable --now decnet-ttp && sudo decnet-ttp uninstall",
      "no sensor any more; its data stay",
    ],
    ["decnet-ttp uninstall --purge --dry-run", "what would be gone"],
  ]);
}

function uninstall(options: UninstallOptions, { terminal }: Context): void {
  const { unit, settings, state, cache, enabled } = installationIn(options.root);
  const paths = options.purge === true
    ? [unit, settings, ...withTarget(state), ...withTarget(cache)]
    : [unit];
  if (options.dryRun === true) {
    for (const path of paths) if (exists(path)) terminal.out(`would remove ${path}`);
    return;
  }
  if (exists(enabled)) {
    throw new Exit(
      EXIT.no,
      `the service is enabled, and may run: systemctl disable --now ${SERVICE} first`,
    );
  }
  for (const path of paths) {
    try {
      Deno.removeSync(path, { recursive: true });
      terminal.out(`removed ${path}`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) continue;
      throw new Exit(
        EXIT.no,
        `cannot remove ${path}: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  if (options.root === "/") terminal.out("next: systemctl daemon-reload");
}

/** systemd keeps the directories of a user that comes and goes elsewhere, and links to them. */
function withTarget(path: string): readonly string[] {
  return [path.replace(/\/([^/]+)$/, "/private/$1"), path];
}

/** @throws {Exit} when it cannot be told, as of a directory that only root may look into */
function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    const remedy = error instanceof Deno.errors.PermissionDenied ? "\nrun it as root" : "";
    const reason = error instanceof Error ? error.message : error;
    throw new Exit(EXIT.no, `cannot look for ${path}: ${reason}${remedy}`);
  }
}

import type { Command } from "commander";
import { dirname } from "node:path";
import type { Context } from "../../context.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { type Installation, installationIn, SERVICE, serviceExecutable } from "./installation.ts";
import { serviceUnit } from "./service_unit.ts";
import { settingsTemplate } from "../../settings/template.ts";
import type { Terminal } from "../../output/terminal.ts";

interface InstallOptions {
  readonly dryRun?: boolean;
  readonly root: string;
  readonly executable?: string;
}

/** Registers `install`. */
export function registerInstall(program: Command, context: Context): void {
  const command = program.command("install")
    .helpGroup(COMMAND_GROUPS.about)
    .description("write the systemd unit, commented settings and the state directory")
    .option("--dry-run", "print what would be written, and write nothing")
    .option("--root <dir>", "install below a directory, e.g. into an image", "/")
    .option("--executable <file>", "what the service runs; this executable when not said")
    .action((options: InstallOptions) => install(options, context));
  addExamples(command, [
    ["decnet-ttp install --dry-run", "look before it is done"],
    ["sudo decnet-ttp install && sudo systemctl enable --now decnet-ttp", "a sensor from now on"],
  ]);
}

function install(options: InstallOptions, { terminal, env }: Context): void {
  const files = installationIn(options.root);
  const unit = serviceUnit(serviceExecutable(options.executable, env));
  if (options.dryRun === true) return show(files, unit, terminal);
  try {
    terminal.out(`${writeIfOther(files.unit, unit)} ${files.unit}`);
    terminal.out(`${writeIfMissing(files.settings, settingsTemplate())} ${files.settings}`);
    terminal.out(`${makeStateDirectory(files.state)} ${files.state}`);
  } catch (error) {
    throw new Exit(EXIT.no, installFailure(error));
  }
  if (options.root === "/") {
    terminal.out(`next: systemctl daemon-reload && systemctl enable --now ${SERVICE}`);
  }
}

function show({ unit, settings, state }: Installation, text: string, terminal: Terminal): void {
  terminal.out(`# ${unit}\n${text}`);
  terminal.out(`# ${settings}, unless it is there\n${settingsTemplate()}`);
  terminal.out(`# ${state}, a directory for the service alone`);
}

/** The unit is the program's own: it changes with its version. */
function writeIfOther(path: string, text: string): string {
  try {
    if (Deno.readTextFileSync(path) === text) return "same ";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  writeWhole(path, text);
  return "wrote";
}

/** The settings are the operator's: they are written once. */
function writeIfMissing(path: string, text: string): string {
  try {
    Deno.lstatSync(path);
    return "kept ";
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  writeWhole(path, text);
  return "wrote";
}

function makeStateDirectory(path: string): string {
  makeDirectories(dirname(path));
  try {
    Deno.mkdirSync(path, { mode: 0o700 });
    return "made ";
  } catch (error) {
    // systemd may have made a link of it that leads to a directory of the service's user.
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return "kept ";
  }
}

/** A reader finds the old text or the new one, never a part. */
function writeWhole(path: string, text: string): void {
  makeDirectories(dirname(path));
  const unfinished = Deno.makeTempFileSync({ dir: dirname(path), prefix: `.${SERVICE}-` });
  try {
    Deno.writeTextFileSync(unfinished, text);
    Deno.chmodSync(unfinished, 0o644);
    Deno.renameSync(unfinished, path);
  } catch (error) {
    Deno.removeSync(unfinished);
    throw error;
  }
}

/**
 * Makes a directory and those above it that are missing, whatever the caller's umask: the service's
 * user must get to its settings, and nobody but root may put others in their place.
 */
function makeDirectories(path: string): void {
  if (isThere(path)) return;
  makeDirectories(dirname(path));
  Deno.mkdirSync(path);
  Deno.chmodSync(path, 0o755);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function installFailure(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return error instanceof Deno.errors.PermissionDenied
    ? `${reason}\nrun it as root, or see what it would do with --dry-run`
    : reason;
}

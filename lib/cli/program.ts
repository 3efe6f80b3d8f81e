import { Command } from "commander";
import { COMMANDS } from "./commands/registry.ts";
import { type Context, processContext, type Registrar, SYSTEM_SETTINGS_FILE } from "./context.ts";
import { printDiagnostics } from "./output/diagnostics.ts";
import { EXIT } from "./exit.ts";
import { describeFailure } from "./failure.ts";
import { addExamples } from "./help.ts";
import { PROGRAM_VERSION } from "./program_version.ts";
import { SettingsError } from "./settings/settings.ts";
import { type FileSetting, readSettingsFile, readSystemSettings } from "./settings/file.ts";
import { StrayErrors } from "./stray_errors.ts";
import { OutputClosed } from "./output/terminal.ts";

/** Names the settings file, as `--config` does. */
const CONFIG_VARIABLE = "DECNET_TTP_CONFIG";

/** Asks for stack traces, as `--debug` does. */
const DEBUG_VARIABLE = "DECNET_TTP_DEBUG";

/** Width of help that goes into a file or a pipe, where there is no width to ask for. */
const HELP_COLUMNS = 100;

/**
 * Runs the command line of this process. What nobody catches, not even a command
 * that asked for it, ends the process with the same words as any other failure.
 *
 * @param args arguments without the program's name
 * @returns the exit code; nothing is thrown
 */
export async function runProcess(args: readonly string[]): Promise<number> {
  const context = processContext();
  using strays = new StrayErrors((error) => Deno.exit(report(error, args, context)));
  const code = await run(args, { ...context, onStrayError: (handler) => strays.handle(handler) });
  // One turn of its loop, in which the runtime keeps what it has compiled for the next start.
  await new Promise((resolve) => setTimeout(resolve, 0));
  return code;
}

/**
 * Runs one command line.
 *
 * @param args arguments without the program's name
 * @param context streams and environment
 * @returns the exit code; nothing is thrown
 */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    await (await buildProgram(context, args)).parseAsync(meant(args), { from: "user" });
    context.terminal.flush();
    return EXIT.done;
  } catch (error) {
    return report(error, args, context);
  }
}

/** Help about a command that is not there: its name is a slip of the pen, as it is without `help` before it. */
function meant(args: readonly string[]): readonly string[] {
  const [first, name = "-"] = args;
  return first === "help" && !name.startsWith("-") && !COMMANDS.has(name) ? args.slice(1) : args;
}

/** A reader that has gone away, as `head` does, has all it wanted: no failure, no message. */
function report(error: unknown, args: readonly string[], { terminal, env }: Context): number {
  if (error instanceof OutputClosed) return EXIT.done;
  const debug = args.includes("--debug") || (env(DEBUG_VARIABLE) ?? "") !== "";
  const { code, lines } = describeFailure(error, debug);
  try {
    printDiagnostics(terminal, lines);
    terminal.flush();
  } catch (closed) {
    if (!(closed instanceof OutputClosed)) throw closed;
  }
  return code;
}

/**
 * A context whose environment goes on in the settings file. The file is read when
 * a command first asks for a setting, so that `help` and `version` work whatever
 * is in it.
 */
function withSettingsFile(context: Context, named: () => string | undefined): Context {
  const { terminal, systemSettings } = context;
  let read: ReadonlyMap<string, FileSetting> | undefined;
  const readAgain = (unread: (message: string) => void): ReadonlyMap<string, FileSetting> => {
    const path = named();
    if (path !== undefined) return readSettingsFile(path);
    return systemSettings === undefined ? new Map() : readSystemSettings(systemSettings, unread);
  };
  const settings = (): ReadonlyMap<string, FileSetting> =>
    read ??= readAgain((message) => printDiagnostics(terminal, [`warning: ${message}`]));
  return {
    ...context,
    env: (name) => context.env(name) || settings().get(name)?.value,
    settingPlace: (name) => context.env(name) ? undefined : settings().get(name)?.place,
    rereadSettings: () => {
      // Where it must not be read any more, nothing must fall back to its default.
      read = readAgain((message) => {
        throw new SettingsError(message);
      });
    },
  };
}

/** Builds the program with the commands that a command line needs; settings here are inherited by each of them. */
async function buildProgram(outer: Context, args: readonly string[]): Promise<Command> {
  const { terminal } = outer;
  const helpColumns = Number.isFinite(terminal.width) ? terminal.width : HELP_COLUMNS;
  const program = new Command("decnet-ttp")
    .description("Labels what honeypots saw with MITRE ATT&CK techniques.")
    .version(PROGRAM_VERSION, "-V, --version", "print the version of the program")
    .option(
      "--config <file>",
      `settings file (env: ${CONFIG_VARIABLE}, default: ${SYSTEM_SETTINGS_FILE})`,
    )
    .option("--debug", `show where in the program a defect is (env: ${DEBUG_VARIABLE})`)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.err(text.replace(/\n$/, "")),
      // Commander throws right after it; the message is printed once, with its exit code.
      outputError: () => {},
      getOutHelpWidth: () => helpColumns,
      getErrHelpWidth: () => helpColumns,
      getOutHasColors: () => terminal.colour,
      getErrHasColors: () => terminal.stderrColour,
    })
    .configureHelp({
      styleTitle: (title) => `\x1b[1m${title}\x1b[22m`,
      styleCommandText: (text) => `\x1b[36m${text}\x1b[39m`,
      styleSubcommandText: (text) => `\x1b[36m${text}\x1b[39m`,
      styleOptionText: (text) => `\x1b[36m${text}\x1b[39m`,
      styleArgumentText: (text) => `\x1b[36m${text}\x1b[39m`,
    });
  const context = withSettingsFile(
    outer,
    () => program.opts<{ config?: string }>().config ?? (outer.env(CONFIG_VARIABLE) || undefined),
  );
  for (const register of await Promise.all(commandsFor(args).map((load) => load()))) {
    register(program, context);
  }
  addExamples(program, [
    ["echo 'find / -perm -u=s 2>/dev/null' | decnet-ttp tag -", "what does this command show?"],
    ["decnet-ttp run --nats-url nats://127.0.0.1:4222", "label what the honeypots publish"],
    ["decnet-ttp help tag", "everything about one command"],
  ]);
  return program;
}

/** The one command that a command line names, or all, where it names none or is about all of them. */
function commandsFor(args: readonly string[]): readonly (() => Promise<Registrar>)[] {
  const at = args.findIndex((arg, index) => !arg.startsWith("-") && args[index - 1] !== "--config");
  const name = args[at] ?? "";
  const named = name === "completions" ? undefined : COMMANDS.get(name);
  return named === undefined ? [...COMMANDS.values()] : [named];
}

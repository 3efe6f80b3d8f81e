import { type Command, Option } from "commander";
import { NatsBus } from "../../../bus/nats/nats.ts";
import { INPUT_FORMATS, type InputFormat } from "../../../sources/format.ts";
import { Counters } from "../../../observe/counters.ts";
import type { Store } from "../../../store/store.ts";
import { openOrUpgrade } from "../../database.ts";
import { CompositeTagger } from "../../../tagging/composite.ts";
import { LIFTERS } from "../../../tagging/registry.ts";
import { Health } from "../../../worker/health/health.ts";
import { Outbox } from "../../../worker/outbox/outbox.ts";
import { Replay } from "../../../worker/pipeline/replay.ts";
import { RuleBook } from "../../../worker/rules/rule_book.ts";
import { BUS_SETTINGS, natsSettings } from "../../settings/bus.ts";
import { EVENT_LIMIT_SETTINGS, eventLimitsOf } from "../../settings/event_limits.ts";
import type { Context } from "../../context.ts";
import { printDiagnostics } from "../../output/diagnostics.ts";
import { jsonLine, printable } from "../../../text/terminal.ts";
import { EXIT, Exit } from "../../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../../help.ts";
import { ImportFile } from "./file.ts";
import { ImportRun } from "./run.ts";
import { openFile, readFailure } from "../../input.ts";
import { Progress } from "../../output/progress.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "../../rule_source.ts";
import { databasePath } from "../../rule_states.ts";
import { addSettings, resolveSettings, type SettingValues } from "../../settings/settings.ts";
import { durationSetting } from "../../settings/kinds.ts";
import { onStopSignals } from "../../signals.ts";
import { requireConnection } from "../run/bus.ts";

interface ImportOptions extends RuleOptions, Readonly<Record<string, unknown>> {
  readonly format?: InputFormat;
  readonly db?: string;
  readonly attacker?: string;
  readonly publish?: boolean;
  readonly json?: boolean;
}

const IMPORT_SETTINGS = {
  ...BUS_SETTINGS,
  ...EVENT_LIMIT_SETTINGS,
  connectTimeout: durationSetting({
    flag: "--connect-timeout <time>",
    env: "DECNET_TTP_CONNECT_TIMEOUT",
    description: "how long --publish waits for a connection",
    fallback: "10s",
  }),
};

/** Registers `import`. */
export function registerImport(program: Command, context: Context): void {
  const command = program.command("import")
    .helpGroup(COMMAND_GROUPS.work)
    .description("bring files of events, Cowrie logs or commands through the whole pipeline")
    .argument(
      "<file...>",
      "files, compressed or not, or - for standard input; what was broken off goes on",
    )
    .addOption(
      new Option("--format <format>", "what the files hold; told by their first lines if not said")
        .choices(INPUT_FORMATS),
    )
    .option("--db <file>", "database to import into (env: DECNET_TTP_DB)")
    .option("--attacker <uuid>", "whom lines of commands belong to")
    .option("--publish", "announce new tags on NATS as a worker does")
    .option("--json", "print the counts as one JSON object")
    .action((files: string[], options: ImportOptions) => runImport(files, options, context));
  addSettings(command, IMPORT_SETTINGS);
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp import /var/log/cowrie/cowrie.json*", "the past of a honeypot, packed or not"],
    ["decnet-ttp import --db fleet.db captured.jsonl", "bus events that were captured"],
    ["decnet-ttp import --publish cowrie.json", "and tell everybody who listens"],
  ]);
}

async function runImport(
  files: readonly string[],
  options: ImportOptions,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const { values } = resolveSettings(IMPORT_SETTINGS, options, context);
  const total = await sizeOf(files);
  const { pack, attack } = await rulesInForce(options, context);
  using store = openOrUpgrade(databasePath(options.db, context), context);
  const { allowBacktracking = false } = options;
  const book = new RuleBook(pack, store, { allowBacktracking });
  const tagger = new CompositeTagger({
    attack,
    rules: () => book.rules,
    lifters: LIFTERS,
    stateOf: (ruleId) => book.stateOf(ruleId),
    now: Date.now,
  });
  await using publisher = options.publish === true
    ? await Publisher.connect(values, store)
    : undefined;
  let stopped: string | undefined;
  using _signals = onStopSignals((signal) => stopped = signal);
  using progress = new Progress(terminal, total);
  let done = 0;
  const run = new ImportRun({
    store,
    replayOf: (mintAttackers) =>
      new Replay({
        ...{ store, tagger, mintAttackers, now: Date.now },
        eventLimits: eventLimitsOf(values),
        ...(publisher !== undefined && { outbox: publisher.outbox }),
      }),
    attacker: options.attacker,
    isStopped: () => stopped !== undefined,
    onChunk: async (path) => {
      progress.show(done, printable(path));
      await publisher?.send();
    },
    onFault: (line) => printDiagnostics(terminal, [`warning: ${line}`]),
  });
  const failures: Exit[] = [];
  for (const path of files) {
    try {
      const count = (bytes: number): void => void (done += bytes);
      const file = await ImportFile.open(path, options.format, store, count, context.stdin);
      await run.file(file);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      // The other files are none the worse for it.
      failures.push(error);
    }
    if (stopped !== undefined) break;
  }
  progress[Symbol.dispose]();
  store.checkpoint();
  if (options.json === true) terminal.out(jsonLine(run.totals()));
  else for (const line of run.summary()) terminal.out(line);
  if (stopped !== undefined) {
    const code = stopped === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
    throw new Exit(code, "broken off; the same command goes on where it stopped");
  }
  await publisher?.finish();
  const [first, ...others] = failures;
  for (const { message } of others) printDiagnostics(terminal, [`error: ${message}`]);
  if (first !== undefined) throw first;
}

/**
 * The size of all files together; every one is opened once, so that none is missed after an hour
 * of work. What comes out of a pipe has no size, and comes but once.
 */
async function sizeOf(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of paths) {
    if (path === "-" || await isPipe(path)) continue;
    using file = await openFile(path);
    total += (await file.stat()).size;
  }
  return total;
}

async function isPipe(path: string): Promise<boolean> {
  try {
    const { isFile, isDirectory } = await Deno.stat(path);
    return !isFile && !isDirectory;
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Sends what the import announces. */
class Publisher implements AsyncDisposable {
  readonly outbox: Outbox;
  readonly #bus: NatsBus;
  readonly #store: Store;

  private constructor(bus: NatsBus, store: Store) {
    this.#bus = bus;
    this.#store = store;
    const parts = { counters: new Counters(), health: new Health(), now: Date.now };
    this.outbox = new Outbox({ store, bus, ...parts });
  }

  static async connect(
    values: SettingValues<typeof IMPORT_SETTINGS>,
    store: Store,
  ): Promise<Publisher> {
    const name = `decnet-ttp ${PROGRAM_VERSION} import`;
    const { busPrefix: prefix, connectTimeout } = values;
    const bus = new NatsBus(natsSettings(values), {
      name,
      ...(prefix !== undefined && { prefix }),
    });
    try {
      await requireConnection(bus, connectTimeout);
    } catch (error) {
      await bus.close();
      throw error;
    }
    return new Publisher(bus, store);
  }

  async send(): Promise<void> {
    await this.outbox.send();
  }

  /** @throws {Exit} with code 5 when something could not be sent */
  async finish(): Promise<void> {
    await this.outbox.send(true);
    const left = this.#store.outbox.count();
    if (left === 0) return;
    throw new Exit(
      EXIT.bus,
      `${left} announcements could not be sent; they wait in the database, and a worker on it sends them`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bus.close();
  }
}

import type { Command } from "commander";
import { getLogger } from "@logtape/logtape";
import type { Bus } from "../bus/bus.ts";
import { JetStreamBus } from "../bus/jetstream.ts";
import { NatsBus } from "../bus/nats.ts";
import { startLog } from "../observe/log.ts";
import { Store } from "../store/store.ts";
import { CompositeTagger } from "../tagging/composite.ts";
import { LIFTERS } from "../tagging/registry.ts";
import { RuleBook } from "../worker/rule_book.ts";
import { Worker } from "../worker/worker.ts";
import { busEventLogger } from "./bus_events.ts";
import { natsSettings } from "./bus_settings.ts";
import type { Context } from "./context.ts";
import { defaultDatabase } from "./database_path.ts";
import { EXIT, Exit } from "./exit.ts";
import { addExamples, COMMAND_GROUPS } from "./help.ts";
import { namesOf } from "./jetstream_settings.ts";
import { addRuleOptions, type RuleOptions, rulesInForce } from "./rule_source.ts";
import { addSettings, resolveSettings, type SettingValues } from "./settings.ts";
import { onStopSignals } from "./signals.ts";
import { PROGRAM_VERSION } from "./program_version.ts";
import { WORKER_SETTINGS } from "./worker_settings.ts";

type RunValues = SettingValues<typeof WORKER_SETTINGS>;

const log = getLogger(["ttp", "worker"]);

/** Registers `run`. */
export function registerRun(program: Command, context: Context): void {
  const command = program.command("run")
    .helpGroup(COMMAND_GROUPS.work)
    .description("listen on NATS, label what attackers did, store the labels and announce them")
    .action((flags: RuleOptions & Readonly<Record<string, unknown>>) => runWorker(flags, context));
  addSettings(command, WORKER_SETTINGS);
  addRuleOptions(command);
  addExamples(command, [
    ["decnet-ttp run --nats-url nats://10.0.0.5:4222 --db /var/lib/decnet/ttp.db", "one sensor"],
    ["decnet-ttp run --stream DECNET", "lose nothing: take events from a JetStream stream"],
    ["decnet-ttp run --rules /etc/decnet/rules", "with rules of your own, live when saved"],
  ]);
}

/** Everything is proven before anything is subscribed: settings, ATT&CK and rules, database. */
async function runWorker(
  flags: RuleOptions & Readonly<Record<string, unknown>>,
  context: Context,
): Promise<void> {
  const { values } = resolveSettings(WORKER_SETTINGS, flags, context.env);
  await startLog({
    level: values.logLevel,
    format: values.logFormat,
    colour: context.terminal.stderrColour,
  });
  const { pack, attack } = await rulesInForce(flags, context);
  // Checked before the database is made: a mistyped address must leave nothing behind.
  let bus: ConnectedBus | undefined;
  try {
    bus = openBus(values);
    using store = Store.open(values.db ?? defaultDatabase(), { synchronous: values.sync });
    const book = new RuleBook(pack, store, { allowBacktracking: flags.allowBacktracking ?? false });
    const tagger = new CompositeTagger({
      attack,
      rules: () => book.rules,
      lifters: LIFTERS,
      stateOf: (ruleId) => book.stateOf(ruleId),
      now: Date.now,
      onLifterError: (lifter, error) =>
        log.error("lifter {lifter} failed: {error}", { lifter, error: String(error) }),
      onEvidenceDropped: (rule, kind, keys) =>
        log.debug("evidence of {rule} that {kind} must not carry was left out: {keys}", {
          rule,
          kind,
          keys: keys.join(", "),
        }),
    });
    const worker = new Worker({
      store,
      tagger,
      bus: bus.bus,
      ...(bus.durable !== undefined && { durable: bus.durable }),
      ...(values.queue !== undefined && { queueGroup: values.queue }),
      control: values.control,
      mintAttackers: values.mintAttackers,
      announcementsPerMinute: values.announceLimit ?? 60,
      pollIntervalMs: values.pollInterval,
      retention: values.retainTags === undefined ? {} : { tagDays: values.retainTags },
      onSecond: () => {
        if (book.refreshStates()) log.info("rule states have changed and are in force");
      },
      describe: () => ({
        worker: "ttp",
        version: PROGRAM_VERSION,
        host: Deno.hostname(),
        mode: values.stream === undefined ? "core" : "jetstream",
        rules: book.rules.rules.length,
        rules_disabled: book.disabledCount(Date.now()),
        attack_release: attack.enterprise.release,
      }),
    });
    using _strays = context.onStrayError?.((error) =>
      log.error("an error that nobody caught; the worker goes on: {error}", {
        error: String(error),
      })
    );
    using _signals = onStopSignals((signal) => worker.stop(`got ${signal}`));
    if (values.requireBus) await requireBus(bus.bus, values.connectTimeout);
    log.info("ready: {rules} rules, ATT&CK {release}, database {db}", {
      rules: book.rules.rules.length,
      release: attack.enterprise.release,
      db: store.database.file,
    });
    await worker.run();
    store.checkpoint();
  } finally {
    await bus?.bus.close();
  }
}

interface ConnectedBus {
  readonly bus: Bus;
  readonly durable?: () => ReturnType<JetStreamBus["durable"]>;
}

function openBus(values: RunValues): ConnectedBus {
  const settings = natsSettings(values);
  const options = {
    name: `decnet-ttp ${PROGRAM_VERSION}`,
    onEvent: busEventLogger(),
    ...(values.busPrefix !== undefined && { prefix: values.busPrefix }),
  };
  const names = namesOf(values);
  if (names === undefined) return { bus: new NatsBus(settings, options) };
  const bus = new JetStreamBus(settings, names, options);
  return { bus, durable: () => bus.durable() };
}

/**
 * Waits for a connection.
 *
 * @throws {Exit} with code 5 when there is none in time
 */
async function requireBus(bus: Bus, timeoutMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const connected = (async () => {
    for await (const status of bus.statusChanges()) if (status === "connected") return true;
    return false;
  })();
  const made = await Promise.race([connected, tooLate]);
  clearTimeout(timer);
  if (made) return;
  throw new Exit(EXIT.bus, `no connection to ${bus.description} within ${timeoutMs / 1000} s`);
}

import type { Command } from "commander";
import { getLogger } from "@logtape/logtape";
import type { BusMessage } from "../../../bus/bus.ts";
import { startLog } from "../../../observe/log.ts";
import { Telemetry, unmetTelemetryWish } from "../../../observe/telemetry.ts";
import { StoreError } from "../../../store/sqlite/errors.ts";
import { openOrUpgrade } from "../../database.ts";
import type { Store } from "../../../store/store.ts";
import { CompositeTagger } from "../../../tagging/composite.ts";
import { liftersWith } from "../../../tagging/registry.ts";
import { MailBodies } from "../../../worker/intake/mail_bodies.ts";
import { BacklogWatch } from "../../../worker/health/backlog_watch.ts";
import { DatabaseFile } from "../../../worker/health/database_file.ts";
import { DiskFloor } from "../../../worker/health/disk_floor.ts";
import { Health } from "../../../worker/health/health.ts";
import { RuleBook } from "../../../worker/rules/rule_book.ts";
import { RuleFollower } from "../../../worker/rules/rule_follower.ts";
import { isFromBus } from "../../../worker/rules/rule_state_message.ts";
import { RuleStateSync } from "../../../worker/rules/rule_state_sync.ts";
import { ServiceNotify } from "../../../worker/health/service_notify.ts";
import { ServiceStatus } from "../../../worker/health/service_status.ts";
import { eventLimitsOf } from "../../settings/event_limits.ts";
import { Worker, type WorkerBehaviour } from "../../../worker/worker.ts";
import type { Context } from "../../context.ts";
import { defaultDatabase } from "../../settings/database_path.ts";
import { addExamples, addSection, COMMAND_GROUPS } from "../../help.ts";
import { httpOptions } from "../../settings/http.ts";
import { LiveSettings, type LiveValues } from "../../settings/live.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";
import {
  addRuleOptions,
  type RuleOptions,
  type RulesInForce,
  rulesInForce,
} from "../../rule_source.ts";
import { addSettings } from "../../settings/settings.ts";
import { onStopSignals, ReloadSignal } from "../../signals.ts";
import { openWorkerBus, requireConnection } from "./bus.ts";
import { serveWorker } from "./http.ts";
import { WORKER_SETTINGS } from "../../settings/worker.ts";

type RunFlags = RuleOptions & Readonly<Record<string, unknown>>;

const log = getLogger(["ttp", "worker"]);

/** Registers `run`. */
export function registerRun(program: Command, context: Context): void {
  const command = program.command("run")
    .helpGroup(COMMAND_GROUPS.work)
    .description("listen on NATS, label what attackers did, store the labels and announce them")
    .action((flags: RunFlags) => runWorker(flags, context));
  addSettings(command, WORKER_SETTINGS);
  addRuleOptions(command);
  addSection(command, "Signals", [
    "SIGTERM and SIGINT stop it in good order, a second one at once. SIGHUP reads rules and the settings",
    "file again: what is well is in force at once, what needs a restart is named in the log, and a file",
    "with mistakes changes nothing.",
  ]);
  addExamples(command, [
    ["decnet-ttp run --nats-url nats://10.0.0.5:4222 --db /var/lib/decnet/ttp.db", "one sensor"],
    ["decnet-ttp run --stream DECNET", "lose nothing: take events from a JetStream stream"],
    ["decnet-ttp run --rules /etc/decnet/rules", "with rules of your own, live when saved"],
    ["decnet-ttp run --http 127.0.0.1:9464", "with health, metrics and the live report over HTTP"],
  ]);
}

/** Everything is proven before anything is subscribed: settings, then ATT&CK and rules, then the database. */
async function runWorker(flags: RunFlags, context: Context): Promise<void> {
  using reloadSignal = new ReloadSignal();
  const settings = new LiveSettings(flags, context);
  const { values } = settings;
  const http = httpOptions(values);
  const logAsSaid = (): Promise<void> =>
    startLog({
      level: settings.values.logLevel,
      format: settings.values.logFormat,
      colour: context.terminal.stderrColour,
    });
  await logAsSaid();
  for (const warning of settings.warnings) log.warn("{warning}", { warning });
  const telemetry = Telemetry.ifExported();
  const unmet = unmetTelemetryWish(context.env);
  if (unmet !== undefined) log.warn("{unmet}", { unmet });
  const loaded = await rulesInForce(flags, context);
  await using notify = new ServiceNotify({ env: context.env });
  const path = values.db ?? defaultDatabase();
  using store = openOrUpgrade(path, context, { synchronous: values.sync });
  const health = new Health();
  const { bus, durable, delivery } = openWorkerBus(values, store, health);
  try {
    const book = new RuleBook(loaded.pack, store, {
      allowBacktracking: flags.allowBacktracking ?? false,
    });
    const { rules } = loaded;
    rules.keepStatesIn(store.ruleStates);
    const backlog = new BacklogWatch({
      delivery,
      maxLagMs: values.maxLag,
      now: Date.now,
      monotonic: () => performance.now(),
    });
    const companions = [
      // First, for nothing can be read while the index of the log is cut.
      new DatabaseFile(store),
      new RuleStateSync({ store, rules, book, trusted: values.trustControl, now: Date.now }),
      new RuleFollower(rules, book),
      new ServiceStatus(notify),
      backlog,
    ];
    const floor = new DiskFloor(store.database.file, values.minFree);
    const worker = new Worker({
      store,
      admit: () => floor.admit(),
      tagger: taggerOf(loaded, book, telemetry),
      bus,
      health,
      companions,
      telemetry,
      onTurn: () => notify.alive(),
      onStopping: () => notify.stopping(),
      ...(durable !== undefined && { durable }),
      trustControl: values.trustControl,
      mintAttackers: values.mintAttackers,
      ...(values.queue !== undefined && { queueGroup: values.queue }),
      ...behaviourOf(values),
      describe: () => ({
        worker: "ttp",
        version: PROGRAM_VERSION,
        host: Deno.hostname(),
        mode: durable === undefined ? "core" : "jetstream",
        rules: book.rules.rules.length,
        rules_disabled: book.disabledCount(Date.now()),
        rules_disabled_by_bus: book.disabledCount(Date.now(), isFromBus),
        attack_release: loaded.attack.enterprise.release,
        ...backlog.status(),
      }),
    });
    using _strays = context.onStrayError?.((error) => {
      worker.counters.add("stray_errors");
      log.error("an error that nobody caught; the worker goes on: {error}", {
        error: String(error),
      });
    });
    using _stop = onStopSignals((signal) => worker.stop(`got ${signal}`));
    using _reload = reloadSignal.heed(() => {
      rules.look();
      if (!settings.reload()) return;
      worker.adjust(behaviourOf(settings.values));
      backlog.maxLagMs = settings.values.maxLag;
      void logAsSaid();
    });
    if (values.requireBus) await requireConnection(bus, values.connectTimeout);
    await using _http = http && await serveWorker(http, { worker, store, book, loaded });
    log.info("ready: {rules} rules, ATT&CK {release}, database {db}", {
      rules: book.rules.rules.length,
      release: loaded.attack.enterprise.release,
      db: store.database.file,
    });
    notify.ready(`${book.rules.rules.length} rules, ATT&CK ${loaded.attack.enterprise.release}`);
    // While the bus connects, so that the first session need not wait for it.
    book.rules.prepare("command");
    await worker.run();
    checkpointAtEnd(store);
  } finally {
    await bus.close();
  }
}

/** What cannot be moved into the file now is in its log, and moved at the next start. */
function checkpointAtEnd(store: Store): void {
  try {
    store.checkpoint();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    log.error("{reason}", { reason: error.message });
  }
}

/** What of the settings may change while the worker works. */
function behaviourOf(values: LiveValues): WorkerBehaviour {
  const mails = values.artifacts === undefined ? undefined : new MailBodies(values.artifacts);
  return {
    announcementsPerMinute: values.announceLimit ?? 60,
    eventLimits: eventLimitsOf(values),
    pollIntervalMs: values.pollInterval,
    ...(mails !== undefined && { complete: (message: BusMessage) => mails.complete(message) }),
    ...(values.retainTags !== undefined && { retention: { tagDays: values.retainTags } }),
  };
}

function taggerOf(
  { attack }: RulesInForce,
  book: RuleBook,
  observer: Telemetry | undefined,
): CompositeTagger {
  return new CompositeTagger({
    attack,
    rules: () => book.rules,
    lifters: liftersWith(() => book.pack.intel),
    stateOf: (ruleId) => book.stateOf(ruleId),
    now: Date.now,
    ...(observer !== undefined && { observer }),
    onLifterError: (lifter, error) =>
      log.error("lifter {lifter} failed: {error}", { lifter, error: String(error) }),
    onEvidenceDropped: (rule, kind, keys) =>
      log.debug("evidence of {rule} that {kind} must not carry was left out: {keys}", {
        rule,
        kind,
        keys: keys.join(", "),
      }),
  });
}

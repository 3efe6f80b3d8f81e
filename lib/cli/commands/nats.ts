import type { Command } from "commander";
import type { JetStreamNames } from "../../bus/jetstream/names.ts";
import { DEFAULT_LIMITS, type JetStreamPlan } from "../../bus/jetstream/plan.ts";
import { checkJetStream, setUpJetStream } from "../../bus/jetstream/setup.ts";
import { checkNats } from "../../bus/nats/check.ts";
import { dial } from "../../bus/nats/dial.ts";
import { BUS_SETTINGS, natsSettings } from "../settings/bus.ts";
import type { Context } from "../context.ts";
import { jsonLine, printable } from "../../text/terminal.ts";
import { EXIT, Exit } from "../exit.ts";
import { addExamples, COMMAND_GROUPS } from "../help.ts";
import { JETSTREAM_LIMITS, JETSTREAM_SETTINGS, limitsOf, namesOf } from "../settings/jetstream.ts";
import { addSettings, resolveSettings, SettingsError } from "../settings/settings.ts";
import { PROGRAM_VERSION } from "../program_version.ts";

const CHECK_SETTINGS = { ...BUS_SETTINGS, ...JETSTREAM_SETTINGS };
const SETUP_SETTINGS = { ...CHECK_SETTINGS, ...JETSTREAM_LIMITS };

/** For reaching the server and for each of its answers, in milliseconds. */
const TIMEOUT_MS = 5000;

type Flags = Readonly<Record<string, unknown>> & { readonly json?: boolean };

/** Registers `nats setup` and `nats check`. */
export function registerNats(program: Command, context: Context): void {
  const group = program.command("nats")
    .helpGroup(COMMAND_GROUPS.work)
    .description("prepare a NATS server, and look at it as the worker would use it");

  const setup = group.command("setup")
    .description("create the JetStream streams and consumers that `run --stream` needs")
    .option("--json", "print one JSON object a line")
    .action((flags: Flags) => setUp(flags, context));
  addSettings(setup, SETUP_SETTINGS);
  addExamples(setup, [
    ["decnet-ttp nats setup --stream DECNET", "streams, with limits; safe to repeat"],
    ["decnet-ttp nats setup --stream DECNET --max-age 30d --replicas 3", "for a cluster"],
  ]);

  const check = group.command("check")
    .description("round trip, permissions, clock and, with --stream, JetStream")
    .option("--json", "print one JSON object a line")
    .action((flags: Flags) => checkServer(flags, context));
  addSettings(check, CHECK_SETTINGS);
  addExamples(check, [
    ["decnet-ttp nats check --nats-creds /etc/decnet/sensor.creds", "may this user do its work?"],
    ["decnet-ttp nats check --stream DECNET", "are the streams there, and how full are they?"],
  ]);
}

const LINK_OPTIONS = {
  name: `decnet-ttp ${PROGRAM_VERSION}`,
  timeoutMs: TIMEOUT_MS,
  pingIntervalMs: TIMEOUT_MS,
};

async function setUp(flags: Flags, context: Context): Promise<void> {
  const { terminal } = context;
  const { values } = resolveSettings(SETUP_SETTINGS, flags, context);
  const names = namesOf(values);
  if (names === undefined) throw new SettingsError("which stream? name it with --stream DECNET");
  const prefix = values.busPrefix ?? "";
  const link = await dial(
    natsSettings(values),
    { ...LINK_OPTIONS, prefix, onEvent: () => {} },
    new AbortController().signal,
  );
  try {
    const plan: JetStreamPlan = { names, prefix, limits: limitsOf(values) };
    for (const step of await setUpJetStream(link, plan)) {
      terminal.out(flags.json === true ? jsonLine(step) : `${step.outcome.padEnd(10)}${step.what}`);
    }
  } finally {
    await link.close();
  }
}

async function checkServer(flags: Flags, context: Context): Promise<void> {
  const { terminal } = context;
  const { values } = resolveSettings(CHECK_SETTINGS, flags, context);
  const names: JetStreamNames | undefined = namesOf(values);
  const prefix = values.busPrefix ?? "";
  const findings = await checkNats(
    natsSettings(values),
    { ...LINK_OPTIONS, prefix },
    Date.now,
    (link) =>
      names === undefined
        ? Promise.resolve([])
        : checkJetStream(link, { names, prefix, limits: DEFAULT_LIMITS }, { now: Date.now }),
  );
  for (const finding of findings) {
    const { ok, what, detail } = finding;
    const mark = ok ? terminal.paint("green", "ok ") : terminal.paint("red", "NO ");
    const line = `${mark} ${printable(what)}: ${printable(detail)}`;
    terminal.out(flags.json === true ? jsonLine(finding) : line);
  }
  if (findings.some(({ ok }) => !ok)) throw new Exit(EXIT.no);
}

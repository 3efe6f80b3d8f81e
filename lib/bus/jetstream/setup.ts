import { JetStreamApiError, type JetStreamManager, jetstreamManager } from "nats/jetstream";
import { type Backlog, BusError } from "../bus.ts";
import type { CheckFinding } from "../check_finding.ts";
import { BacklogReader } from "./backlog.ts";
import {
  type ConsumerConfigParts,
  type JetStreamPlan,
  type PlannedStream,
  plannedStreams,
  type StreamConfigParts,
} from "./plan.ts";
import type { NatsLink } from "../nats/link.ts";
import { subjectMatches } from "../subjects.ts";

/** For each answer of the server, in milliseconds. */
const ANSWER_MS = 5_000;

/** Asks how much waits for a consumer, and judges it. */
type AskBacklog = (stream: string, consumer: string) => Promise<Omit<CheckFinding, "what">>;

/** One thing on the server, and what was done to it. */
export interface SetupStep {
  /** E.g. `stream DECNET`. */
  readonly what: string;
  readonly outcome: "created" | "updated" | "unchanged";
}

/**
 * Creates what is missing and adds what existing streams and consumers lack. It
 * takes nothing away: subjects and limits that somebody has set stay.
 *
 * @throws {BusError} when the server refuses it, with its reason
 */
export async function setUpJetStream(
  link: NatsLink,
  plan: JetStreamPlan,
): Promise<readonly SetupStep[]> {
  const manager = await managerOf(link, plan);
  const steps: SetupStep[] = [];
  for (const planned of plannedStreams(plan)) {
    steps.push(await step(`stream ${planned.config.name}`, ensureStream(manager, planned.config)));
    const { consumer } = planned;
    if (consumer === undefined) continue;
    steps.push(
      await step(
        `consumer ${consumer.durable_name} of ${planned.config.name}`,
        ensureConsumer(manager, planned.config.name, consumer),
      ),
    );
  }
  return steps;
}

/** What is still well for messages that wait. */
export interface LagLimit {
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** A message may wait for so long, in milliseconds; for any time when absent. */
  readonly maxLagMs?: number;
}

/**
 * Tells for every stream and consumer whether it is there and fit for use, and how
 * much waits.
 *
 * @throws {BusError} when JetStream cannot be asked at all
 */
export async function checkJetStream(
  link: NatsLink,
  plan: JetStreamPlan,
  lag: LagLimit,
): Promise<readonly CheckFinding[]> {
  const manager = await managerOf(link, plan);
  const { domain } = plan.names;
  const findings: CheckFinding[] = [];
  for (const planned of plannedStreams(plan)) {
    findings.push(
      ...await check(manager, planned, async (stream, consumer) => {
        const address = { stream, consumer, ...(domain !== undefined && { domain }) };
        return backlogFinding(await new BacklogReader(link, address, ANSWER_MS).read(), lag);
      }),
    );
  }
  return findings;
}

async function managerOf(link: NatsLink, { names }: JetStreamPlan): Promise<JetStreamManager> {
  try {
    return await jetstreamManager(link.connection, {
      ...(names.domain !== undefined && { domain: names.domain }),
    });
  } catch (error) {
    const reason = reasonOf(error);
    const remedy = /permissions violation/i.test(reason)
      ? "allow this user to subscribe to _INBOX.> and to publish to $JS.API.> and $JS.ACK.>"
      : "enable it in the server's configuration (jetstream { … }) and for this account";
    throw new BusError(`JetStream cannot be used at ${link.server.address}: ${reason}; ${remedy}`);
  }
}

async function step(what: string, work: Promise<SetupStep["outcome"]>): Promise<SetupStep> {
  try {
    return { what, outcome: await work };
  } catch (error) {
    throw new BusError(`cannot set up ${what}: ${reasonOf(error)}`);
  }
}

async function ensureStream(
  manager: JetStreamManager,
  planned: StreamConfigParts,
): Promise<SetupStep["outcome"]> {
  const found = await orNothing(manager.streams.info(planned.name));
  if (found === undefined) {
    await manager.streams.add(planned);
    return "created";
  }
  const missing = missingSubjects(planned.subjects, found.config.subjects);
  if (missing.length === 0) return "unchanged";
  const subjects = [...found.config.subjects, ...missing];
  await manager.streams.update(planned.name, { subjects });
  return "updated";
}

async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  planned: ConsumerConfigParts,
): Promise<SetupStep["outcome"]> {
  const found = await orNothing(manager.consumers.info(stream, planned.durable_name));
  if (found === undefined) {
    await manager.consumers.add(stream, planned);
    return "created";
  }
  const misfit = misfitOf(found.config, planned);
  if (misfit !== undefined) throw new Error(`${misfit}; delete it, or choose another name`);
  const { ack_wait, max_deliver, max_ack_pending } = planned;
  const wanted = { ack_wait, max_deliver, max_ack_pending };
  const same = Object.entries(wanted)
    .every(([key, value]) => found.config[key as keyof typeof wanted] === value);
  if (same) return "unchanged";
  await manager.consumers.update(stream, planned.durable_name, wanted);
  return "updated";
}

async function check(
  manager: JetStreamManager,
  { config, consumer }: PlannedStream,
  backlog: AskBacklog,
): Promise<readonly CheckFinding[]> {
  const what = `stream ${config.name}`;
  const found = await orNothing(manager.streams.info(config.name));
  if (found === undefined) return [{ what, ok: false, detail: "does not exist; run `nats setup`" }];
  const missing = missingSubjects(config.subjects, found.config.subjects);
  const { messages, bytes } = found.state;
  const finding = missing.length === 0
    ? { what, ok: true, detail: `${messages} messages, ${bytes} bytes` }
    : { what, ok: false, detail: `does not keep ${missing.join(", ")}; run \`nats setup\`` };
  if (consumer === undefined) return [finding];
  return [finding, await checkConsumer(manager, config.name, consumer, backlog)];
}

async function checkConsumer(
  manager: JetStreamManager,
  stream: string,
  planned: ConsumerConfigParts,
  backlog: AskBacklog,
): Promise<CheckFinding> {
  const what = `consumer ${planned.durable_name} of ${stream}`;
  const found = await orNothing(manager.consumers.info(stream, planned.durable_name));
  if (found === undefined) return { what, ok: false, detail: "does not exist; run `nats setup`" };
  const misfit = misfitOf(found.config, planned);
  if (misfit !== undefined) return { what, ok: false, detail: misfit };
  return { what, ...await backlog(stream, planned.durable_name) };
}

function backlogFinding(
  { pending, ackPending, oldestAt }: Backlog,
  { now, maxLagMs = Infinity }: LagLimit,
): Omit<CheckFinding, "what"> {
  const counted = `${pending} waiting, ${ackPending} in work`;
  if (oldestAt === undefined) return { ok: true, detail: counted };
  const ageMs = Math.max(0, now() - oldestAt);
  const detail = `${counted}, the oldest for ${Math.round(ageMs / 1000)} s`;
  if (ageMs <= maxLagMs) return { ok: true, detail };
  const remedy = "see that a worker runs and keeps up, or start another one";
  return { ok: false, detail: `${detail}, and ${maxLagMs / 1000} s are allowed; ${remedy}` };
}

/** What cannot be changed on a consumer that exists, and must be right. */
function misfitOf(
  found: { readonly deliver_subject?: string; readonly ack_policy?: string },
  planned: ConsumerConfigParts,
): string | undefined {
  if (found.deliver_subject !== undefined) return "it pushes, and workers must pull";
  if (found.ack_policy === planned.ack_policy) return undefined;
  return `its ack policy is ${found.ack_policy}, and must be ${planned.ack_policy}`;
}

function missingSubjects(wanted: readonly string[], kept: readonly string[]): readonly string[] {
  return wanted.filter((subject) => !kept.some((pattern) => covers(pattern, subject)));
}

/** Whether everything under one pattern is under another, too. */
function covers(pattern: string, other: string): boolean {
  // Read as a subject, ">" and "*" of the narrower pattern match only what is as wide.
  return pattern === other || (!/[*>]/.test(other) && subjectMatches(pattern, other)) ||
    (pattern.endsWith(">") && subjectMatches(pattern, other));
}

async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.status === 404) return undefined;
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "no reason given";
}

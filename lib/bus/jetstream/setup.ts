import { JetStreamApiError, type JetStreamManager, jetstreamManager } from "nats/jetstream";
import { BusError } from "../bus.ts";
import type { CheckFinding } from "../check_finding.ts";
import {
  type ConsumerConfigParts,
  type JetStreamPlan,
  type PlannedStream,
  plannedStreams,
  type StreamConfigParts,
} from "./plan.ts";
import type { NatsLink } from "../nats/link.ts";
import { subjectMatches } from "../subjects.ts";

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

/**
 * Tells for every stream and consumer whether it is there and fit for use.
 *
 * @throws {BusError} when JetStream cannot be asked at all
 */
export async function checkJetStream(
  link: NatsLink,
  plan: JetStreamPlan,
): Promise<readonly CheckFinding[]> {
  const manager = await managerOf(link, plan);
  const findings: CheckFinding[] = [];
  for (const planned of plannedStreams(plan)) findings.push(...await check(manager, planned));
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
  return [finding, await checkConsumer(manager, config.name, consumer)];
}

async function checkConsumer(
  manager: JetStreamManager,
  stream: string,
  planned: ConsumerConfigParts,
): Promise<CheckFinding> {
  const what = `consumer ${planned.durable_name} of ${stream}`;
  const found = await orNothing(manager.consumers.info(stream, planned.durable_name));
  if (found === undefined) return { what, ok: false, detail: "does not exist; run `nats setup`" };
  const misfit = misfitOf(found.config, planned);
  if (misfit !== undefined) return { what, ok: false, detail: misfit };
  const { num_pending, num_ack_pending, num_redelivered } = found;
  return {
    what,
    ok: true,
    detail: `${num_pending} waiting, ${num_ack_pending} in work, ${num_redelivered} redelivered`,
  };
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

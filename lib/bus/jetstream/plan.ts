import { nanos } from "nats/core";
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  ReplayPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "nats/jetstream";
import { advisorySubjects } from "./advisory.ts";
import type { JetStreamNames } from "./names.ts";
import { SUBSCRIBED_SUBJECTS, withPrefix } from "../subjects.ts";

/** How much is kept, how long, and how often it is tried. */
export interface JetStreamLimits {
  /** Messages older than this are dropped, read or not; milliseconds. */
  readonly maxAgeMs: number;
  /** Size of each stream, from which on the oldest messages are dropped. */
  readonly maxBytes: number;
  /** Copies in a cluster. */
  readonly replicas: number;
  /** Without a sign of life for so long, a message is delivered again; milliseconds. */
  readonly ackWaitMs: number;
  /** Deliveries after which the server gives a message up. */
  readonly maxDeliver: number;
  /** Messages that may be in work at once, over all workers. */
  readonly maxAckPending: number;
}

/**
 * A week and a gigabyte outlast a long weekend without the worker. A hundred
 * deliveries, with pauses that grow to minutes, outlast hours of a full disk, and
 * still end a message that kills every worker. A thousand in work is the server's
 * own default and keeps a batch of every worker full.
 */
export const DEFAULT_LIMITS: JetStreamLimits = {
  maxAgeMs: 7 * 24 * 3_600_000,
  maxBytes: 1024 ** 3,
  replicas: 1,
  ackWaitMs: 30_000,
  maxDeliver: 100,
  maxAckPending: 1000,
};

/** What workers need of a server with JetStream. */
export interface JetStreamPlan {
  readonly names: JetStreamNames;
  /** The deployment's subject prefix; empty for none. */
  readonly prefix: string;
  readonly limits: JetStreamLimits;
}

/** Repeats of an id within this time are dropped by the server; its own default, in milliseconds. */
const DUPLICATE_WINDOW_MS = 120_000;

/** One stream as it should be. */
export interface PlannedStream {
  readonly config: StreamConfigParts;
  /** Its durable consumer; none on a stream that others read. */
  readonly consumer: ConsumerConfigParts | undefined;
}

/** The part of a stream's configuration that is decided here. */
export type StreamConfigParts =
  & Pick<StreamConfig, "name" | "subjects" | "retention" | "storage" | "discard" | "max_age">
  & Pick<StreamConfig, "max_bytes" | "num_replicas" | "duplicate_window">;

/** The part of a consumer's configuration that is decided here. */
export type ConsumerConfigParts =
  & Required<Pick<ConsumerConfig, "durable_name" | "ack_policy" | "deliver_policy" | "ack_wait">>
  & Required<Pick<ConsumerConfig, "replay_policy" | "max_deliver" | "max_ack_pending">>;

/** The streams and consumers of a plan: events, announcements, advisories. */
export function plannedStreams({ names, prefix, limits }: JetStreamPlan): readonly PlannedStream[] {
  const durable = SUBSCRIBED_SUBJECTS.filter(({ delivery }) => delivery === "at_least_once");
  const stream = (name: string, subjects: readonly string[]): StreamConfigParts => ({
    name,
    subjects: [...subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_age: nanos(limits.maxAgeMs),
    max_bytes: limits.maxBytes,
    num_replicas: limits.replicas,
    duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, limits.maxAgeMs)),
  });
  const consumer: ConsumerConfigParts = {
    durable_name: names.consumer,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    replay_policy: ReplayPolicy.Instant,
    ack_wait: nanos(limits.ackWaitMs),
    max_deliver: limits.maxDeliver,
    max_ack_pending: limits.maxAckPending,
  };
  return [
    {
      config: stream(names.stream, durable.map(({ subject }) => withPrefix(prefix, subject))),
      consumer,
    },
    { config: stream(names.announcements, [withPrefix(prefix, "ttp.>")]), consumer: undefined },
    {
      config: stream(names.advisories, advisorySubjects(names.stream, names.consumer)),
      // Its messages are pointers: they are tried for as long as they are kept.
      consumer: { ...consumer, max_deliver: -1 },
    },
  ];
}

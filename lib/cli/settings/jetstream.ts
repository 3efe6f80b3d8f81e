import {
  DEFAULT_CONSUMER,
  type JetStreamNames,
  jetStreamNames,
} from "../../bus/jetstream/names.ts";
import { DEFAULT_LIMITS, type JetStreamLimits } from "../../bus/jetstream/plan.ts";
import { countSetting, durationSetting, textSetting } from "./kinds.ts";
import { type Setting, SettingsError, type SettingValues } from "./settings.ts";

/** Which stream, and under which name it is read. */
export const JETSTREAM_SETTINGS = {
  stream: textSetting({
    flag: "--stream <name>",
    env: "DECNET_TTP_STREAM",
    description: "JetStream stream of the events that must not be lost",
  }),
  consumer: textSetting({
    flag: "--consumer <name>",
    env: "DECNET_TTP_CONSUMER",
    description: "durable consumer of that stream, shared by all workers",
    fallback: DEFAULT_CONSUMER,
  }),
  jetstreamDomain: textSetting({
    flag: "--jetstream-domain <name>",
    env: "DECNET_TTP_JETSTREAM_DOMAIN",
    description: "JetStream domain, where a leaf node has its own",
  }),
};

/** What `nats setup` may be told about the limits of what it creates. */
export const JETSTREAM_LIMITS = {
  maxAge: durationSetting({
    flag: "--max-age <time>",
    description: "events older than this are dropped, read or not",
    fallback: "7d",
  }),
  maxBytes: sizeSetting({
    flag: "--max-bytes <size>",
    description: "size of each stream, from which on the oldest are dropped (default: 1GiB)",
    fallback: DEFAULT_LIMITS.maxBytes,
  }),
  replicas: countSetting({
    flag: "--replicas <count>",
    description: "copies in a cluster",
    fallback: DEFAULT_LIMITS.replicas,
  }),
  ackWait: durationSetting({
    flag: "--ack-wait <time>",
    description: "an event is delivered again after so long without a sign of life",
    fallback: "30s",
  }),
  maxDeliver: countSetting({
    flag: "--max-deliver <count>",
    description: "deliveries after which an event is given up",
    fallback: DEFAULT_LIMITS.maxDeliver,
  }),
  maxAckPending: countSetting({
    flag: "--max-ack-pending <count>",
    description: "events in work at once, over all workers",
    fallback: DEFAULT_LIMITS.maxAckPending,
  }),
};

/**
 * The names as the bus takes them.
 *
 * @returns nothing when no stream is named
 * @throws {BusSettingsError} when a name cannot be one
 */
export function namesOf(
  { stream, consumer, jetstreamDomain }: SettingValues<typeof JETSTREAM_SETTINGS>,
): JetStreamNames | undefined {
  if (stream === undefined) return undefined;
  return jetStreamNames(stream, {
    ...(consumer !== undefined && { consumer }),
    ...(jetstreamDomain !== undefined && { domain: jetstreamDomain }),
  });
}

/** The limits as the bus takes them. */
export function limitsOf(values: SettingValues<typeof JETSTREAM_LIMITS>): JetStreamLimits {
  return {
    maxAgeMs: values.maxAge,
    maxBytes: values.maxBytes,
    replicas: values.replicas ?? DEFAULT_LIMITS.replicas,
    ackWaitMs: values.ackWait,
    maxDeliver: values.maxDeliver ?? DEFAULT_LIMITS.maxDeliver,
    maxAckPending: values.maxAckPending ?? DEFAULT_LIMITS.maxAckPending,
  };
}

const UNIT_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

function sizeSetting(named: Omit<Setting<number>, "parse">): Setting<number> {
  return {
    ...named,
    parse: (text) => {
      const [, digits, unit = ""] = /^(\d{1,12})\s*(?:([kmgt])i?b?|b)?$/i.exec(text.trim()) ?? [];
      const bytes = Number(digits ?? 0) * UNIT_BYTES[unit.toLowerCase()]!;
      if (bytes > 0 && Number.isSafeInteger(bytes)) return bytes;
      throw new SettingsError("expected a size such as 512MiB or 2GiB");
    },
  };
}

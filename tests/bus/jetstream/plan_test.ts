import assert from "assert";
import { jetstreamManager } from "nats/jetstream";
import { DEFAULT_LIMITS, plannedStreams } from "../../../lib/bus/jetstream/plan.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import { natsBus, reaches } from "../nats/medium.ts";
import { NAMES, setUp } from "./medium.ts";

const SECOND = 1_000_000_000;
const WEEK = 7 * 24 * 3600 * SECOND;

/** What every stream has, as the server tells it; durations in nanoseconds, -1 for no limit. */
const STREAM = {
  retention: "limits",
  storage: "file",
  discard: "old",
  max_age: WEEK,
  max_bytes: 1_073_741_824,
  max_msgs: -1,
  max_msg_size: -1,
  max_msgs_per_subject: -1,
  max_consumers: -1,
  num_replicas: 1,
  duplicate_window: 120 * SECOND,
};

/** What the consumer of each stream has. */
const CONSUMER = {
  durable_name: "decnet-ttp",
  ack_policy: "explicit",
  deliver_policy: "all",
  replay_policy: "instant",
  ack_wait: 30 * SECOND,
  max_deliver: 100,
  max_ack_pending: 1000,
};

const WHOLE = [
  {
    stream: {
      name: "DECNET",
      subjects: ["site.attacker.session.ended", "site.email.received", "site.canary.>"],
      ...STREAM,
    },
    consumer: CONSUMER,
  },
  { stream: { name: "DECNET-TTP", subjects: ["site.ttp.>"], ...STREAM }, consumer: undefined },
  {
    stream: {
      name: "DECNET-ADVISORIES",
      subjects: [
        "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.DECNET.decnet-ttp",
        "$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.DECNET.decnet-ttp",
      ],
      ...STREAM,
    },
    consumer: { ...CONSUMER, max_deliver: -1 },
  },
];

/** The entries of one object whose keys another one has. */
function entriesOf<T extends object>(found: object, keys: T): Record<string, unknown> {
  return Object.fromEntries(
    Object.keys(keys).map((key) => [key, (found as Record<string, unknown>)[key]]),
  );
}

Deno.test("the server keeps streams and consumers exactly as they are meant", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { prefix: "site", limits: DEFAULT_LIMITS });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const manager = await jetstreamManager(bus.link!.connection);
  for (const { stream, consumer } of WHOLE) {
    const { config } = await manager.streams.info(stream.name);
    assert.deepEqual(entriesOf(config, stream), stream);
    const consumers = await Array.fromAsync(manager.consumers.list(stream.name));
    assert.deepEqual(
      consumers.map(({ config }) => entriesOf(config, CONSUMER)),
      consumer === undefined ? [] : [consumer],
    );
    for (const { config } of consumers) {
      assert.equal(config.deliver_subject, undefined, "workers pull");
      assert.equal(config.filter_subject, undefined, "every subject of the stream is an event");
      assert.equal(
        config.backoff,
        undefined,
        "a delay of the worker's own comes with each refusal",
      );
      assert.equal(config.inactive_threshold, undefined, "a consumer outlives its workers");
    }
  }
});

Deno.test("every limit that setup is given reaches the server", async () => {
  await using server = await NatsServer.start({ jetstream: true });
  const limits = {
    maxAgeMs: 90_000,
    maxBytes: 1_000_000,
    replicas: 1,
    ackWaitMs: 12_500,
    maxDeliver: 7,
    maxAckPending: 321,
  };
  await setUp(server.url, { limits });
  await using bus = natsBus({ servers: server.url });
  await reaches(bus, "connected");
  const manager = await jetstreamManager(bus.link!.connection);
  const { config: stream } = await manager.streams.info(NAMES.stream);
  assert.deepEqual(
    [stream.max_age, stream.max_bytes, stream.duplicate_window],
    // No id is remembered longer than its message is kept.
    [90 * SECOND, 1_000_000, 90 * SECOND],
  );
  const { config: consumer } = await manager.consumers.info(NAMES.stream, NAMES.consumer);
  assert.deepEqual(
    [consumer.ack_wait, consumer.max_deliver, consumer.max_ack_pending],
    [12.5 * SECOND, 7, 321],
  );
});

Deno.test("copies in a cluster are asked for on every stream", () => {
  const plan = { names: NAMES, prefix: "", limits: { ...DEFAULT_LIMITS, replicas: 3 } };
  assert.deepEqual(plannedStreams(plan).map(({ config }) => config.num_replicas), [3, 3, 3]);
});

import type { Bus } from "../../../lib/bus/bus.ts";
import { JetStreamBus, type JetStreamBusOptions } from "../../../lib/bus/jetstream/jetstream.ts";
import { type JetStreamNames, jetStreamNames } from "../../../lib/bus/jetstream/names.ts";
import { DEFAULT_LIMITS, type JetStreamLimits } from "../../../lib/bus/jetstream/plan.ts";
import { setUpJetStream, type SetupStep } from "../../../lib/bus/jetstream/setup.ts";
import { NatsServer } from "../../harness/nats_server.ts";
import type { Medium } from "../bus_contract.ts";
import { natsBus, reaches, SHORT } from "../nats/medium.ts";

/** Names that the tests use. */
export const NAMES = jetStreamNames("DECNET");

/** Runs `nats setup` against a server. */
export async function setUp(
  url: string,
  { prefix = "", names = NAMES, limits = {} }: {
    readonly prefix?: string;
    readonly names?: JetStreamNames;
    readonly limits?: Partial<JetStreamLimits>;
  } = {},
): Promise<readonly SetupStep[]> {
  await using bus = natsBus({ servers: url });
  await reaches(bus, "connected");
  return await setUpJetStream(bus.link!, {
    names,
    prefix,
    limits: { ...DEFAULT_LIMITS, maxBytes: 64 * 1024 * 1024, ...limits },
  });
}

/** A bus with JetStream that closes at the end of its block. */
export function streamBus(
  url: string,
  options: JetStreamBusOptions = {},
  names: JetStreamNames = NAMES,
): JetStreamBus & AsyncDisposable {
  const bus = new JetStreamBus({ servers: url }, names, { ...SHORT, ...options });
  return Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() });
}

/** Parties on a real server with streams. */
export async function jetStreamMedium(prefix = ""): Promise<Medium> {
  const server = await NatsServer.start({ jetstream: true });
  await setUp(server.url, { prefix });
  const parties: JetStreamBus[] = [];
  return {
    join: async (): Promise<Bus> => {
      const bus = streamBus(server.url, { prefix });
      parties.push(bus);
      await reaches(bus, "connected");
      return bus;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(parties.map((bus) => bus.close()));
      await server[Symbol.asyncDispose]();
    },
  };
}

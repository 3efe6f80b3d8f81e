import type { BusEvent } from "../../../lib/bus/bus_event.ts";
import { NatsBus, type NatsBusOptions } from "../../../lib/bus/nats/nats.ts";
import type { NatsSettings } from "../../../lib/bus/nats/settings.ts";
import type { Bus, BusStatus } from "../../../lib/bus/bus.ts";
import { NatsServer, type NatsServerOptions } from "../../harness/nats_server.ts";
import type { Medium } from "../bus_contract.ts";

/** What has not come by then does not come, in milliseconds. */
const LATE_MS = 20_000;

/** Pauses that tests can wait for. */
export const SHORT = { reconnectDelay: { minMs: 10, maxMs: 50 }, timeoutMs: 5000 } as const;

/**
 * Waits until a bus has a status.
 *
 * @throws {Error} when it does not come to have it
 */
export async function reaches(bus: Bus, wanted: BusStatus): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`the bus is ${bus.status}, and not ${wanted}`)),
    LATE_MS,
  );
  try {
    await Promise.race([late.promise, firstOf(bus, wanted)]);
  } finally {
    clearTimeout(timer);
  }
}

async function firstOf(bus: Bus, wanted: BusStatus): Promise<void> {
  for await (const status of bus.statusChanges()) if (status === wanted) return;
  throw new Error(`the bus was closed before it was ${wanted}`);
}

/** Keeps the events of a bus and lets a test wait for one. */
export class EventLog {
  readonly events: BusEvent[] = [];
  #more = Promise.withResolvers<void>();

  /** The listener. */
  readonly listen = (event: BusEvent): void => {
    this.events.push(event);
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  };

  /**
   * Waits for the first, or so-manieth, event of a kind since the beginning.
   *
   * @throws {Error} when it does not come in time
   */
  async next<K extends BusEvent["kind"]>(
    kind: K,
    nth = 1,
  ): Promise<Extract<BusEvent, { kind: K }>> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#more.resolve();
    }, LATE_MS);
    try {
      while (true) {
        const found = this.events.filter((event) => event.kind === kind)[nth - 1];
        if (found !== undefined) return found as Extract<BusEvent, { kind: K }>;
        if (isLate) throw new Error(`no ${kind}, but ${JSON.stringify(this.events)}`);
        await this.#more.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A bus that closes at the end of its block. */
export function natsBus(
  settings: NatsSettings,
  options: NatsBusOptions = {},
): NatsBus & AsyncDisposable {
  const bus = new NatsBus(settings, { ...SHORT, ...options });
  return Object.assign(bus, { [Symbol.asyncDispose]: () => bus.close() });
}

/** Parties on a real server. */
export async function natsMedium(
  options: NatsBusOptions = {},
  serverOptions: NatsServerOptions = {},
): Promise<Medium> {
  const server = await NatsServer.start(serverOptions);
  const parties: NatsBus[] = [];
  return {
    join: async () => {
      const bus = new NatsBus({ servers: server.url }, { ...SHORT, ...options });
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

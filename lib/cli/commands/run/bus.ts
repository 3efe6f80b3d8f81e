import { getLogger } from "@logtape/logtape";
import type { Bus, DurableSubscription } from "../../../bus/bus.ts";
import type { BusEvent } from "../../../bus/bus_event.ts";
import type { GivenUpMessage } from "../../../bus/jetstream/advisory.ts";
import { JetStreamBus } from "../../../bus/jetstream/jetstream.ts";
import { NatsBus } from "../../../bus/nats/nats.ts";
import type { Store } from "../../../store/store.ts";
import type { Health } from "../../../worker/health/health.ts";
import type { DurableSource } from "../../../worker/intake/intake.ts";
import { busEventLogger } from "./bus_events.ts";
import { deliveryHealth } from "./delivery_health.ts";
import { natsSettings } from "../../settings/bus.ts";
import { EXIT, Exit } from "../../exit.ts";
import { namesOf } from "../../settings/jetstream.ts";
import { PROGRAM_VERSION } from "../../program_version.ts";
import type { SettingValues } from "../../settings/settings.ts";
import type { WORKER_SETTINGS } from "../../settings/worker.ts";

const log = getLogger(["ttp", "bus"]);

/** The bus of a worker. */
export interface WorkerBus {
  readonly bus: Bus;
  /** Delivers what must not be lost; absent without a stream. */
  readonly durable?: DurableSource;
  /** What of it is subscribed to; nothing without a stream. */
  readonly delivery: () => DurableSubscription | undefined;
}

/**
 * Begins to connect as the settings say.
 *
 * @param store keeps what the server gives up on
 * @param health is told what the server keeps from the worker, and when that has ended
 * @throws {BusSettingsError} when they cannot be meant
 */
export function openWorkerBus(
  values: SettingValues<typeof WORKER_SETTINGS>,
  store: Store,
  health: Health,
): WorkerBus {
  const settings = natsSettings(values);
  const [logEvent, noteHealth] = [busEventLogger(), deliveryHealth(health)];
  const options = {
    name: `decnet-ttp ${PROGRAM_VERSION}`,
    onEvent: (event: BusEvent) => {
      logEvent(event);
      noteHealth(event);
    },
    ...(values.busPrefix !== undefined && { prefix: values.busPrefix }),
  };
  const names = namesOf(values);
  if (names === undefined) {
    return {
      bus: new NatsBus(settings, options),
      delivery: () => undefined,
    };
  }
  const bus = new JetStreamBus(settings, names, {
    ...options,
    onGivenUp: (givenUp) => keepGivenUp(store, givenUp),
  });
  return { bus, durable: () => bus.durable(), delivery: () => bus.delivery };
}

/**
 * Waits for a connection.
 *
 * @throws {Exit} with code 5 when there is none in time
 */
export async function requireConnection(bus: Bus, timeoutMs: number): Promise<void> {
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

/** What the server will not deliver any more is kept for people to look at. */
function keepGivenUp(store: Store, givenUp: GivenUpMessage): void {
  const { cause, stream, sequence, deliveries, message } = givenUp;
  const said = givenUp.reason === undefined ? "" : `: ${givenUp.reason}`;
  store.deadLetters.add({
    topic: message?.subject ?? `${stream} ${sequence}`,
    reason: `${cause} after ${deliveries} deliveries${said}`,
    excerpt: message === undefined ? "" : new TextDecoder().decode(message.data),
    at: new Date(),
  });
  log.warn("the server gave up message {sequence} of {stream} ({cause}); it is a dead letter", {
    stream,
    sequence,
    cause,
  });
}

import type { BusEventListener } from "../../../bus/bus_event.ts";
import type { Health } from "../../../worker/health/health.ts";

/**
 * Notes which streams cannot be used and what the server does not let through: a
 * worker that gets no events is not well, however live its connection is.
 */
export function deliveryHealth(health: Health): BusEventListener {
  const troubles = new Map<string, string>();
  return (event) => {
    if (event.kind === "denied" && event.operation === "subscribe") {
      // The next connection asks for everything anew; its coming ends this trouble.
      health.degrade("bus", `the server does not allow to subscribe to ${event.subject}`);
    }
    if (event.kind === "jetstream_unavailable") troubles.set(event.stream, event.reason);
    else if (event.kind === "jetstream_ready") troubles.delete(event.stream);
    else return;
    if (troubles.size === 0) health.recover("streams");
    else health.degrade("streams", [...troubles.values()].join("; "));
  };
}

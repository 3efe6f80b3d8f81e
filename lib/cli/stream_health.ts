import type { BusEventListener } from "../bus/bus_event.ts";
import type { Health } from "../worker/health.ts";

/** Notes which streams cannot be used: a worker that gets no events out of them is not well. */
export function streamHealth(health: Health): BusEventListener {
  const troubles = new Map<string, string>();
  return (event) => {
    if (event.kind === "jetstream_unavailable") troubles.set(event.stream, event.reason);
    else if (event.kind === "jetstream_ready") troubles.delete(event.stream);
    else return;
    if (troubles.size === 0) health.recover("streams");
    else health.degrade("streams", [...troubles.values()].join("; "));
  };
}

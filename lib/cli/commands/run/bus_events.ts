import { getLogger } from "@logtape/logtape";
import type { BusEvent, BusEventListener } from "../../../bus/bus_event.ts";

const log = getLogger(["ttp", "bus"]);

/** Tells the log what happens to the connection; of a row of failed tries only the first, and then ever fewer. */
export function busEventLogger(): BusEventListener {
  return (event) => {
    switch (event.kind) {
      case "connected":
        return log.info("connected to {server}, NATS {version}", { ...event });
      case "disconnected":
        return log.warn("connection lost: {reason}", { ...event });
      case "connect_failed":
        return connectFailed(event);
      case "denied":
        return log.error("the server does not allow to {operation} {subject}", { ...event });
      case "slow_consumer":
        return log.warn("{waiting} messages wait on {subject}", { ...event });
      case "lame_duck":
        return log.info("the server is about to shut down");
      case "server_error":
        return log.error("the server reports: {message}", { ...event });
      case "jetstream_unavailable":
        return log.warn("JetStream cannot be used: {reason}; tried again in {retryInMs} ms", {
          ...event,
        });
      case "jetstream_stalled":
        return log.warn(
          "delivery from {stream}, consumer {consumer}, stands still: {reason}; subscribing anew",
          {
            ...event,
          },
        );
      case "jetstream_ready":
        return log.info("taking events from stream {stream}, consumer {consumer}", { ...event });
    }
  };
}

function connectFailed(event: Extract<BusEvent, { kind: "connect_failed" }>): void {
  // Powers of two: a server that is down for a week must not fill the log.
  const { attempt, reason } = event;
  if ((attempt & (attempt - 1)) !== 0) return;
  log.warn(
    "no connection ({reason}), try {attempt}; the worker goes on without it and is live as soon as there is one",
    { reason, attempt },
  );
}

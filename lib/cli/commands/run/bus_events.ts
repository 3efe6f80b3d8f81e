import { getLogger } from "@logtape/logtape";
import type { BusEvent, BusEventListener } from "../../../bus/bus_event.ts";
import { Throttle } from "../../../observe/throttle.ts";

const log = getLogger(["ttp", "bus"]);

/** One line about each operation that is not permitted, in so many milliseconds. */
const DENIED_EVERY_MS = 60_000;

/**
 * Tells the log what happens to the connection; of a row of failed tries only the first, and then
 * ever fewer.
 *
 * @param now clock, in milliseconds
 */
export function busEventLogger(now: () => number = Date.now): BusEventListener {
  const throttle = new Throttle(DENIED_EVERY_MS, now);
  return (event) => {
    switch (event.kind) {
      case "connected":
        return log.info("connected to {server}, NATS {version}", { ...event });
      case "disconnected":
        return log.warn("connection lost: {reason}", { ...event });
      case "connect_failed":
        return connectFailed(event);
      case "denied":
        return denied(event, throttle);
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

function denied(event: Extract<BusEvent, { kind: "denied" }>, throttle: Throttle): void {
  const { operation, subject } = event;
  // Acknowledgements have a subject each: a line for each subject would be one for each message.
  const more = throttle.pass(operation === "publish" ? operation : `${operation} ${subject}`);
  if (more === undefined) return;
  log.error(
    "the NATS server does not let this user {operation} to {subject}: extend its permissions ({more} more since)",
    { operation, subject, more },
  );
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

import { jetstream } from "nats/jetstream";
import { connect } from "nats/transport";
import type { Publication } from "../../lib/bus/bus.ts";

/** Between two bursts, in milliseconds. */
const BURST_MS = 50;

/** For a confirmation of the stream, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** What is published, and how fast. */
export interface SteadyStream {
  readonly url: string;
  /** Events a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly next: () => Publication;
  /** Told of each event that the stream has confirmed. */
  readonly onPublished: (event: Publication) => void;
}

/**
 * Publishes events at a steady rate, whatever becomes of them.
 *
 * @throws {Error} when the stream does not take one
 */
export async function publishSteadily(
  { url, rate, seconds, next, onPublished }: SteadyStream,
): Promise<void> {
  const connection = await connect({ servers: url, timeout: TIMEOUT_MS });
  try {
    const stream = jetstream(connection, { timeout: TIMEOUT_MS });
    const start = performance.now();
    const total = Math.round(rate * seconds);
    for (let sent = 0; sent < total;) {
      const due = Math.min(total, Math.ceil((performance.now() - start) / 1000 * rate));
      const burst = Array.from({ length: due - sent }, next);
      await Promise.all(burst.map(({ subject, data }) => stream.publish(subject, data)));
      burst.forEach(onPublished);
      sent = due;
      await new Promise((resolve) => setTimeout(resolve, BURST_MS));
    }
  } finally {
    await connection.close();
  }
}

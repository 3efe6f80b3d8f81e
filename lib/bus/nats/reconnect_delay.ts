/** Bounds of the pause between two tries to connect, in milliseconds. */
export interface ReconnectDelay {
  readonly minMs: number;
  readonly maxMs: number;
}

/** From one second to half a minute: soon for one sensor, bearable for a server with thousands. */
export const RECONNECT_DELAY: ReconnectDelay = { minMs: 1000, maxMs: 30_000 };

/**
 * Chooses the pause before the next try: at random between the minimum and a
 * limit that doubles with each failure, so that sensors which lost their server
 * together do not come back together.
 *
 * @param failures tries that failed since the last success, from 0
 * @param random from 0 up to but not including 1
 * @returns milliseconds
 */
export function reconnectDelay(
  failures: number,
  { minMs, maxMs }: ReconnectDelay = RECONNECT_DELAY,
  random: number = Math.random(),
): number {
  const limit = Math.min(maxMs, minMs * 2 ** Math.min(failures + 1, 30));
  return minMs + random * (Math.max(limit, minMs) - minMs);
}

/** Waits; ends early, without an error, when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
  });
}

/** Bounds of the pause between two tries to connect, in milliseconds. */
export interface ReconnectDelay {
  readonly minMs: number;
  readonly maxMs: number;
}

/** From one second to half a minute: soon for one sensor, bearable for a server with thousands. */
export const RECONNECT_DELAY: ReconnectDelay = { minMs: 1000, maxMs: 30_000 };

/**
 * Chooses the pause before a server that is not there is tried again: around the
 * minimum, however long it has been away. A try that meets nobody burdens nobody,
 * and whoever restarts a server wants its clients back.
 *
 * @param random from 0 up to but not including 1
 * @returns milliseconds
 */
export function absentDelay(
  { minMs }: ReconnectDelay = RECONNECT_DELAY,
  random: number = Math.random(),
): number {
  return minMs * (0.5 + random);
}

/**
 * Chooses the pause before a server that is there and refuses is tried again: at
 * random between the minimum and a limit that doubles with each refusal, so that
 * it is not hammered, nor by all its clients at once.
 *
 * @param failures refusals since the last success, from 0
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

import type { Payload } from "./event.ts";

/** Clocks of producers may be ahead of this one by so much, in milliseconds. */
const MAX_AHEAD_MS = 5 * 60 * 1000;

/** Nothing that is observed happened before; an earlier time is a clock that was never set. */
const EARLIEST_MS = Date.UTC(2000);

/** Numbers from each of these on are in a finer unit: milliseconds, microseconds, nanoseconds. */
const UNITS: readonly (readonly [from: number, perMillisecond: number])[] = [
  [1e17, 1e6],
  [1e14, 1e3],
  [1e11, 1],
];

/** Whether an ISO 8601 time says its offset from UTC. */
const OFFSET_REGEXP = /(?:Z|[+-]\d{2}(?::?\d{2})?)$/i;

const ISO_REGEXP =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/** What is known of when an event arrived. */
export interface Arrival {
  /** `ts` of the envelope. */
  readonly ts?: unknown;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
}

/**
 * Reads a time: ISO 8601, UTC unless it says otherwise, or a number of seconds,
 * milliseconds, microseconds or nanoseconds since the epoch, by its size.
 *
 * @returns milliseconds since the epoch; nothing for what is no time
 */
export function instantOf(value: unknown): number | undefined {
  if (typeof value === "number") {
    if (!Number.isFinite(value) || value <= 0) return undefined;
    const unit = UNITS.find(([from]) => value >= from);
    return Math.floor(unit === undefined ? value * 1000 : value / unit[1]);
  }
  if (typeof value !== "string" || !ISO_REGEXP.test(value)) return undefined;
  const text = value.replace(" ", "T").replace(",", ".");
  const isDay = text.length === 10;
  const ms = Date.parse(isDay || OFFSET_REGEXP.test(text) ? text : `${text}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

/**
 * Says of the parts of one bus event when each happened: its own `ts`, else the
 * session's `ended_at`, else the envelope's time, else that of its arrival.
 */
export class ObservedTimes {
  /** Times that cannot be true, and so counted as absent. */
  implausible = 0;
  readonly #nowMs: number;
  /** Of parts that do not say when they happened. */
  readonly #common: string;

  /** @param payload of the event as a whole */
  constructor(payload: Payload, { ts, nowMs }: Arrival) {
    this.#nowMs = nowMs;
    this.#common = this.#plausible(payload["ended_at"]) ?? this.#plausible(ts) ??
      new Date(nowMs).toISOString();
  }

  /** When a part happened; UTC, ISO 8601 with milliseconds. */
  of(part: Payload): string {
    return this.#plausible(part["ts"]) ?? this.#common;
  }

  #plausible(value: unknown): string | undefined {
    const ms = instantOf(value);
    if (ms === undefined) return undefined;
    if (ms >= EARLIEST_MS && ms <= this.#nowMs + MAX_AHEAD_MS) return new Date(ms).toISOString();
    this.implausible++;
    return undefined;
  }
}

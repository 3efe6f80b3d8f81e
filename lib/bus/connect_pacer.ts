import { ConnectError } from "./connect_error.ts";
import {
  absentDelay,
  RECONNECT_DELAY,
  type ReconnectDelay,
  reconnectDelay,
} from "./reconnect_delay.ts";

/** A connection that lasted this long was no refusal, in milliseconds. */
const STABLE_AFTER_MS = 10_000;

/**
 * Decides how soon a connection is tried again. A server that restarts, however
 * often, gets its clients back at once; one that takes connections only to drop
 * them, or refuses them, is left alone for longer each time.
 */
export class ConnectPacer {
  readonly #bounds: ReconnectDelay;
  readonly #random: () => number;
  #refusals = 0;
  #attempts = 0;
  #lastServer: string | undefined;

  /** @param random gives numbers from 0 up to but not including 1 */
  constructor(bounds: ReconnectDelay = RECONNECT_DELAY, random: () => number = Math.random) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Tries that failed since the last connection. */
  get attempts(): number {
    return this.#attempts;
  }

  /**
   * Says that a try failed.
   *
   * @returns pause before the next one, in milliseconds
   */
  failed(error: unknown): number {
    this.#attempts += 1;
    return error instanceof ConnectError && error.isAbsence ? this.#absent() : this.#refused();
  }

  /**
   * Says that a connection was lost.
   *
   * @param serverId made anew by a server at each of its starts
   * @param livedMs how long it lasted
   * @returns pause before the next try, in milliseconds
   */
  lost(serverId: string, livedMs: number): number {
    this.#attempts = 0;
    const isSameServer = serverId === this.#lastServer;
    this.#lastServer = serverId;
    return isSameServer && livedMs < STABLE_AFTER_MS ? this.#refused() : this.#absent();
  }

  #absent(): number {
    this.#refusals = 0;
    return absentDelay(this.#bounds, this.#random());
  }

  #refused(): number {
    return reconnectDelay(this.#refusals++, this.#bounds, this.#random());
  }
}

import type { Bus, Publication } from "../../bus/bus.ts";
import { encodeEnvelope } from "../../bus/envelope.ts";
import { requireConfirmed } from "../../bus/require_confirmed.ts";
import { HEALTH, HEALTH_TYPE } from "../../bus/subjects.ts";
import type { Payload } from "../../tagging/event.ts";
import type { Health } from "./health.ts";

/**
 * Makes the message that says how the worker is.
 *
 * @param payload the worker's own account of itself, see `Worker.status()`
 * @param now milliseconds since the epoch
 */
export function heartbeat(payload: Payload, now: number): Publication {
  const id = crypto.randomUUID();
  return {
    subject: HEALTH,
    msgId: id,
    fleeting: true,
    data: encodeEnvelope({ id, subject: HEALTH, type: HEALTH_TYPE, ts: now / 1000, payload }),
  };
}

/** Parts that heartbeats are made of. */
export interface HeartParts {
  readonly bus: Bus | undefined;
  readonly health: Health;
  /** The worker's own account of itself. */
  readonly status: () => Payload;
  /** Clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** Says on the bus how the worker is: whenever it is asked to, or only when that is news. */
export class Heart {
  readonly #parts: HeartParts;
  /** State and reason in the last heartbeat. */
  #said: string | undefined;

  /** @param parts what its beats are made of */
  constructor(parts: HeartParts) {
    this.#parts = parts;
  }

  /** Says it, if there is a connection to say it on. */
  async beat(): Promise<void> {
    const { bus, status, now } = this.#parts;
    if (bus?.status !== "connected") return;
    const payload = status();
    const saying = this.#state();
    requireConfirmed(await bus.publish([heartbeat(payload, now())]));
    this.#said = saying;
  }

  /** Says it when the state or its reason is not what was said last, so that a short fault is seen too. */
  async beatOnChange(): Promise<void> {
    if (this.#state() !== this.#said) await this.beat();
  }

  #state(): string {
    return JSON.stringify(this.#parts.health.report());
  }
}

import { encodeEnvelope } from "../bus/envelope.ts";
import { HEALTH, HEALTH_TYPE } from "../bus/subjects.ts";
import type { Publication } from "../bus/bus.ts";
import type { Payload } from "../tagging/event.ts";

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
    data: encodeEnvelope({ id, subject: HEALTH, type: HEALTH_TYPE, ts: now / 1000, payload }),
  };
}

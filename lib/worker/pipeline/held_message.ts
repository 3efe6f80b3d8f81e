import type { BusMessage } from "../../bus/bus.ts";
import { type DecodedEnvelope, decodeEnvelope } from "../../bus/envelope.ts";
import { isLargeEvent, MAX_SMALL_BYTES } from "./event_handler.ts";
import type { EventTagging } from "./event_tagging.ts";

/** A message that the loop has taken and that is not on disk yet, with what is known of it so far. */
export class HeldMessage {
  readonly message: BusMessage;
  /** Its tags, where they are made before the transaction that writes them. */
  tagging: EventTagging | undefined;
  /** Why it cannot be processed, where that is known before the transaction. */
  failure: string | undefined;
  #decoded: DecodedEnvelope | undefined;

  constructor(message: BusMessage) {
    this.message = message;
  }

  /** Its envelope, or why it has none; decoded once. */
  get decoded(): DecodedEnvelope {
    return this.#decoded ??= decodeEnvelope(this.message.data);
  }

  /** Whether it is processed in a batch of its own, and tagged in slices of time. */
  get isAlone(): boolean {
    const { subject, data } = this.message;
    if (data.length > MAX_SMALL_BYTES) return true;
    return this.decoded.ok && isLargeEvent(subject, this.decoded.envelope, data.length);
  }
}

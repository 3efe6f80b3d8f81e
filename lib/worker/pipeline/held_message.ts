import type { BusMessage, Delivery } from "../../bus/bus.ts";
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
  /** The file that it was set aside as. */
  file: string | undefined;
  /** Names it while its processing is written down as begun. */
  begunAs: string | undefined;
  #decoded: DecodedEnvelope | undefined;
  #isRedelivered: boolean | undefined;

  constructor(message: BusMessage) {
    this.message = message;
  }

  /** Its envelope, or why it has none; decoded once. */
  get decoded(): DecodedEnvelope {
    return this.#decoded ??= decodeEnvelope(this.message.data);
  }

  /**
   * Whether it is processed in a batch of its own, and tagged in slices of time: because
   * it is large, or because it was delivered before and nobody knows what came of that.
   */
  get isAlone(): boolean {
    const { subject, data, delivery } = this.message;
    if (data.length > MAX_SMALL_BYTES || this.#wasDelivered(delivery)) return true;
    return this.decoded.ok && isLargeEvent(subject, this.decoded.envelope, data.length);
  }

  #wasDelivered(delivery: Delivery | undefined): boolean {
    return this.#isRedelivered ??= delivery !== undefined && delivery.count > 1;
  }
}

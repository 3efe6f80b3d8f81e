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
  /** The file that it was set aside as. */
  file: string | undefined;
  /** Names it while its processing is written down as begun. */
  begunAs: string | undefined;
  #decoded: DecodedEnvelope | undefined;
  #isAlone: boolean | undefined;

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
    return this.#isAlone ??= this.#mustBeAlone();
  }

  /** Its size and its past are asked first, since decoding may be what ends the process. */
  #mustBeAlone(): boolean {
    const { subject, data, delivery } = this.message;
    if (data.length > MAX_SMALL_BYTES) return true;
    if (delivery !== undefined && delivery.count > 1) return true;
    return this.decoded.ok && isLargeEvent(subject, this.decoded.envelope, data.length);
  }
}

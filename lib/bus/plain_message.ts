import type { BusMessage } from "./bus.ts";

/** A message of a bus that does not redeliver: there is nothing to acknowledge. */
export class PlainMessage implements BusMessage {
  /**
   * @param subject without the deployment's prefix
   * @param data the body
   */
  constructor(readonly subject: string, readonly data: Uint8Array) {}

  /** Does nothing. */
  ack(): void {}
  /** Does nothing. */
  nak(): void {}
  /** Does nothing. */
  term(): void {}
  /** Does nothing. */
  working(): void {}
}

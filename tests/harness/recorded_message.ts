import type { BusMessage } from "../../lib/bus/bus.ts";

/** A message that remembers what the bus was told about it. */
export class RecordedMessage implements BusMessage {
  /** What was told, in order: `ack`, `nak <delay>`, `term <reason>`, `working`. */
  readonly told: string[] = [];

  /**
   * @param subject without the deployment's prefix
   * @param data the body
   */
  constructor(readonly subject: string, readonly data: Uint8Array) {}

  /** What settled it; nothing while it is in work. */
  get settled(): string | undefined {
    return this.told.find((word) => word !== "working");
  }

  /** Notes it. */
  ack(): void {
    this.told.push("ack");
  }

  /** Notes it. */
  nak(delayMs: number): void {
    this.told.push(`nak ${delayMs}`);
  }

  /** Notes it. */
  term(reason: string): void {
    this.told.push(`term ${reason}`);
  }

  /** Notes it. */
  working(): void {
    this.told.push("working");
  }
}

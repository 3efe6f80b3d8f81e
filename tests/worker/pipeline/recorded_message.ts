import type { BusMessage, Delivery } from "../../../lib/bus/bus.ts";

/** What became of messages, in order: `ack s1`, `nak s1 0`, `term s1 not_json`, `working s1`. */
export type Journal = string[];

/** A message that notes what it is told. */
export class RecordedMessage implements BusMessage {
  readonly data: Uint8Array;
  /** Set by who wants it to come out of a stream. */
  delivery?: Delivery;
  /** Called when it is acknowledged, before that is noted. */
  onAck: () => void = () => {};

  /**
   * @param name what it is called in the journal
   * @param body bytes as they are, or an object that is written as JSON
   */
  constructor(
    readonly journal: Journal,
    readonly name: string,
    body: Uint8Array | object,
    readonly subject: string = "attacker.session.ended",
  ) {
    this.data = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body));
  }

  ack(): void {
    this.onAck();
    this.journal.push(`ack ${this.name}`);
  }

  nak(delayMs: number): void {
    this.journal.push(`nak ${this.name} ${delayMs}`);
  }

  term(reason: string): void {
    this.journal.push(`term ${this.name} ${reason}`);
  }

  working(): void {
    this.journal.push(`working ${this.name}`);
  }
}

/** A session of attacker `a1` that is labelled at least once. */
export function session(id: string, more: Readonly<Record<string, unknown>> = {}): object {
  return {
    v: 1,
    id: `event-${id}`,
    type: "session.ended",
    payload: { session_id: id, attacker_uuid: "a1", commands: ["uname -a"], ...more },
  };
}

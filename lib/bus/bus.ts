import type { PublishOutcome } from "./publish_outcome.ts";

/** One delivery of a message that the bus delivers again until it is acknowledged. */
export interface Delivery {
  /** The same for each delivery of one message, and for no other message. */
  readonly key: string;
  /** Deliveries so far, with this one. */
  readonly count: number;
}

/** One message as it came off the wire. */
export interface BusMessage {
  /** Subject without the deployment's prefix. */
  readonly subject: string;
  readonly data: Uint8Array;
  /** Absent where the bus does not redeliver. */
  readonly delivery?: Delivery;
  /** Tells the server that the work is done; a no-op where the bus does not redeliver. */
  ack(): void;
  /** Asks for redelivery after a delay in milliseconds; a no-op on a bus that does not redeliver. */
  nak(delayMs: number): void;
  /** Says that the message can never be worked off. */
  term(reason: string): void;
  /** Says that the work goes on, so that the server waits longer. */
  working(): void;
}

/** What is known of the connection. */
export type BusStatus = "connecting" | "connected" | "closed";

/** A live subscription; iterate it until it ends. */
export interface BusSubscription extends AsyncIterable<BusMessage> {
  readonly subject: string;
  /** Stops delivery; messages already received are still yielded, then the iteration ends. */
  drain(): Promise<void>;
}

/** What waits in a stream for the workers of one consumer, as the server counts it. */
export interface Backlog {
  /** Messages that were not delivered yet. */
  readonly pending: number;
  /** Messages that were delivered and not acknowledged yet. */
  readonly ackPending: number;
  /** When the oldest of them all was stored, in milliseconds since the epoch; absent when nothing waits. */
  readonly oldestAt?: number;
}

/** A subscription to what a stream keeps until it is acknowledged. */
export interface DurableSubscription extends BusSubscription {
  /** As it was a few seconds ago; nothing while the server cannot be asked. */
  readonly backlog: Backlog | undefined;
  /** How often delivery stood still although messages waited, and was begun anew. */
  readonly restarts: number;
}

/** What a caller may say about a subscription. */
export interface SubscribeOptions {
  /** Queue group: each message goes to one member of the group. */
  readonly queue?: string;
}

/** One message to send. */
export interface Publication {
  readonly subject: string;
  readonly data: Uint8Array;
  /** Sent as `Nats-Msg-Id`, so that a stream or a consumer can drop repeats. */
  readonly msgId?: string;
  /** Worth nothing later: it is sent at once, and no stream is asked to confirm it. */
  readonly fleeting?: boolean;
}

/** The one way in and out of the messaging system. */
export interface Bus {
  /** Where messages go and come from, for logs and heartbeats, without secrets. */
  readonly description: string;
  readonly status: BusStatus;
  /**
   * Subscribes now or as soon as there is a connection; survives reconnects.
   *
   * @throws {SubjectError} when the subject is not a legal subject or pattern
   */
  subscribe(subject: string, options?: SubscribeOptions): BusSubscription;
  /**
   * Sends messages in order and resolves once it is known what became of each.
   *
   * @returns one outcome for each message, in their order; never rejects because of one message
   * @throws {BusError} when there is no connection or it broke before the confirmation; none, some or all may have arrived
   * @throws {SubjectError} when the subject of one is not legal; nothing is sent then
   */
  publish(messages: readonly Publication[]): Promise<readonly PublishOutcome[]>;
  /** Yields the status at once and then each change, until the bus is closed. */
  statusChanges(): AsyncIterable<BusStatus>;
  /** Drains subscriptions, flushes and disconnects. */
  close(): Promise<void>;
}

/** The bus could not do what was asked. */
export class BusError extends Error {
  override readonly name: string = "BusError";
}

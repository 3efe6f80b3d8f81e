/** Something that an operator may want to know about the connection. None holds a secret or a body. */
export type BusEvent =
  /** Live; `server` is its address, `version` what it says of itself. */
  | { readonly kind: "connected"; readonly server: string; readonly version: string }
  /** The connection is gone; a new one is tried for soon. */
  | { readonly kind: "disconnected"; readonly reason: string; readonly retryInMs: number }
  /** No server could be reached; `attempt` counts from 1 since the last connection. */
  | {
    readonly kind: "connect_failed";
    readonly reason: string;
    readonly attempt: number;
    readonly retryInMs: number;
  }
  /** The credentials do not allow it; a subscription stays silent until the next connection. */
  | {
    readonly kind: "denied";
    readonly operation: "publish" | "subscribe";
    readonly subject: string;
  }
  /** A subscription's reader does not keep up: so many messages wait. */
  | { readonly kind: "slow_consumer"; readonly subject: string; readonly waiting: number }
  /** The server says that it is about to shut down. */
  | { readonly kind: "lame_duck" }
  /** The server reports an error of another kind, after which it mostly disconnects. */
  | { readonly kind: "server_error"; readonly message: string }
  /** JetStream cannot be used as configured; it is tried again. */
  | {
    readonly kind: "jetstream_unavailable";
    readonly stream: string;
    readonly reason: string;
    readonly retryInMs: number;
  }
  /** Delivery stood still although messages waited; the subscription is made anew at once. */
  | {
    readonly kind: "jetstream_stalled";
    readonly stream: string;
    readonly consumer: string;
    readonly reason: string;
  }
  /** Messages are pulled from this consumer. */
  | { readonly kind: "jetstream_ready"; readonly stream: string; readonly consumer: string };

/** Told of each event, in order; must not throw. */
export type BusEventListener = (event: BusEvent) => void;

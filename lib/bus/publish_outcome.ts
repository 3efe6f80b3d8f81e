/** Why a server does not take a message however often it is sent as it is. */
export type RefusalReason =
  /** Larger than the server or the stream takes. */
  | "too_large"
  /** The credentials do not allow to publish to the subject. */
  | "not_permitted"
  /** The stream keeps what it has and takes no more. */
  | "stream_full"
  /** The stream takes no such message, for a reason of its own. */
  | "rejected";

/** The server has the message; for a subject of a stream, the stream has stored it. */
export interface Confirmed {
  readonly status: "confirmed";
}

/** The server did not take the message and will not until something is changed there. */
export interface Refused {
  readonly status: "refused";
  readonly reason: RefusalReason;
  /** What happened and what to do; names the subject. */
  readonly message: string;
}

/** Nobody knows whether the server has the message: send it again, with the same id. */
export interface Unconfirmed {
  readonly status: "unconfirmed";
  /** What happened. */
  readonly message: string;
}

/** What became of one message that was published. */
export type PublishOutcome = Confirmed | Refused | Unconfirmed;

/** The outcome of every message that went well. */
export const CONFIRMED: Confirmed = { status: "confirmed" };

/** The outcome of a message whose subject the credentials do not allow. */
export function notPermitted(subject: string): Refused {
  return {
    status: "refused",
    reason: "not_permitted",
    message: `the NATS server does not let this user publish to ${subject}: extend its permissions`,
  };
}
